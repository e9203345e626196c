//! Background work: claiming due rows and carrying them out. Any process may do it; leases keep two from doing the same.

use super::cashier::Cashier;
use super::error::Error;
use super::records::{Task, TaskKind};
use super::store::{StoreError, Write};
use crate::model::{CaseId, CloseReason, OrderNo, PayNo, PaymentStatus, RefundNo};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Rows claimed at once.
const BATCH: usize = 32;
/// Rows of one kind in work at the same time.
const IN_FLIGHT: usize = 64;

/// Attempts after which a row that fails waits no longer than before.
const FAULTS: i64 = 7;
/// Attempts more than these had no end of any kind: the work seems to end its process.
const FATAL: i64 = FAULTS + 5;
/// Such a row rests that long, so that the program can do its other work.
const REST_S: i64 = 3600;

/// What happens to a task after its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    Done,
    /// Again, at that time and step.
    At(Task),
    /// The work has written that itself, together with its result.
    Written,
}

/// Places per kind, so that a slow kind does not hold up the others.
pub(super) struct Lanes(HashMap<TaskKind, Arc<Semaphore>>);

impl Default for Lanes {
    fn default() -> Self {
        Self(TaskKind::ALL.iter().map(|kind| (*kind, Arc::new(Semaphore::new(IN_FLIGHT)))).collect())
    }
}

/// Tries to one receiver at the same time.
const PER_RECEIVER: usize = 8;
/// A receiver that has kept a try this long is slow: others of its events do not wait for it in a lane's place.
const SLOW: Duration = Duration::from_secs(1);

/// The tries that each receiver has in flight.
#[derive(Default)]
pub(super) struct Receivers(Arc<Mutex<HashMap<String, Receiver>>>);

struct Receiver {
    places: Arc<Semaphore>,
    /// Tries that are in flight or wait for a place.
    interested: usize,
    /// When each try in flight began.
    begun: Vec<Instant>,
}

/// Interest in a receiver, and at last a place there.
pub(super) struct Place {
    table: Arc<Mutex<HashMap<String, Receiver>>>,
    name: String,
    begun: Option<Instant>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Receivers {
    /// A place with this receiver, or `None` when it is slow and has as many tries in flight as it may. A quick one's
    /// place is waited for: it is free in a moment, and moving the event to a later time would cost two writes.
    pub async fn enter(&self, name: &str) -> Option<Place> {
        let (mut place, places) = {
            let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let receiver = table.entry(name.to_owned()).or_insert_with(|| Receiver {
                places: Arc::new(Semaphore::new(PER_RECEIVER)),
                interested: 0,
                begun: Vec::new(),
            });
            let is_slow = receiver.begun.iter().any(|at| at.elapsed() >= SLOW);
            if is_slow && receiver.places.available_permits() == 0 {
                return None;
            }
            receiver.interested += 1;
            (Place { table: self.0.clone(), name: name.to_owned(), begun: None, _permit: None }, receiver.places.clone())
        };
        let permit = tokio::time::timeout(SLOW, places.acquire_owned()).await.ok()?.ok()?;
        let now = Instant::now();
        if let Some(receiver) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(name) {
            receiver.begun.push(now);
        }
        place.begun = Some(now);
        place._permit = Some(permit);
        Some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(receiver) = table.get_mut(&self.name) else { return };
        if let Some(at) = self.begun.and_then(|begun| receiver.begun.iter().position(|at| *at == begun)) {
            receiver.begun.swap_remove(at);
        }
        receiver.interested -= 1;
        if receiver.interested == 0 {
            table.remove(&self.name);
        }
    }
}

impl Cashier {
    /// The kinds of which work is due.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn due_kinds(&self) -> Result<Vec<TaskKind>, Error> {
        Ok(self.inner.store.due_kinds(self.now()).await?)
    }

    /// Claims due rows of one kind and starts work on them; how many. Does not wait for their end.
    ///
    /// # Errors
    /// Storage errors while claiming.
    pub async fn pump(&self, kind: TaskKind) -> Result<usize, Error> {
        let Some(lane) = self.inner.lanes.0.get(&kind) else { return Ok(0) };
        let free = lane.available_permits().min(BATCH);
        if free == 0 {
            return Ok(0);
        }
        let limit = i64::try_from(free).unwrap_or(1);
        let settings = &self.inner.settings;
        let lease_ms = settings.plans.lease_s.saturating_mul(1000);
        let tasks = self.inner.store.claim(kind, self.now(), lease_ms, &settings.node, limit).await?;
        let claimed = tasks.len();
        for task in tasks {
            let Ok(permit) = lane.clone().acquire_owned().await else { return Ok(claimed) };
            let this = self.clone();
            tokio::spawn(async move {
                this.carry_out(task).await;
                drop(permit);
            });
        }
        Ok(claimed)
    }

    /// Works until nothing is due any more. For tests and one-shot commands.
    ///
    /// # Errors
    /// Storage errors while claiming.
    pub async fn run_due(&self) -> Result<usize, Error> {
        let mut total = 0;
        loop {
            let mut round = 0;
            for kind in self.due_kinds().await? {
                round += self.pump(kind).await?;
            }
            self.settle_down(Duration::from_secs(60)).await;
            if round == 0 {
                return Ok(total);
            }
            total += round;
        }
    }

    /// Waits until the work in flight has ended, at most that long; whether it has.
    pub async fn settle_down(&self, at_most: Duration) -> bool {
        let all = u32::try_from(IN_FLIGHT).unwrap_or(u32::MAX);
        let wait = async {
            for lane in self.inner.lanes.0.values() {
                let _ = lane.acquire_many(all).await;
            }
        };
        tokio::time::timeout(at_most, wait).await.is_ok()
    }

    /// Resolves when something became due in this process.
    pub async fn woken(&self) {
        self.inner.wake.notified().await;
    }

    /// Gives this process's leases back, at shutdown.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn release_leases(&self) -> Result<(), Error> {
        Ok(self.inner.store.release(&self.inner.settings.node).await?)
    }

    async fn carry_out(&self, task: Task) {
        let after = if task.attempts > FATAL {
            tracing::error!(kind = %task.kind, about = %task.about, "a task was begun again and again and never ended; it rests");
            After::At(Task { attempts: FAULTS, ..self.task_in(task.kind, &task.about, REST_S, task.step) })
        } else {
            self.turn(&task).await
        };
        let Some(write) = self.end_of(&task, after) else { return };
        match self.commit(None, vec![write]).await {
            // Removed or moved by the work itself, or taken over: either way it is not ours any more.
            Ok(()) | Err(StoreError::Stale) => {}
            Err(e) => tracing::warn!(kind = %task.kind, about = %task.about, error = %e, "a task could not be finished"),
        }
    }

    async fn turn(&self, task: &Task) -> After {
        // Its own task, so that a panic of one row ends that row only.
        let (this, copy) = (self.clone(), task.clone());
        match tokio::spawn(async move { this.work(&copy).await }).await {
            Ok(Ok(after)) => after,
            Ok(Err(e)) => {
                tracing::warn!(kind = %task.kind, about = %task.about, attempts = task.attempts, error = %e, "a task failed");
                self.later(task)
            }
            Err(e) => {
                tracing::error!(kind = %task.kind, about = %task.about, attempts = task.attempts, error = %e, "a task panicked");
                self.later(task)
            }
        }
    }

    /// The write that ends a task's turn, while the lease is still ours.
    pub(super) fn end_of(&self, task: &Task, after: After) -> Option<Write> {
        let owner = self.inner.settings.node.clone();
        match after {
            After::Done => Some(Write::FinishTask { kind: task.kind, about: task.about.clone(), owner }),
            After::At(next) => Some(Write::Reschedule { task: next, owner }),
            After::Written => None,
        }
    }

    /// Backs off after a fault of ours: 5 s, doubling, at most 10 min.
    fn later(&self, task: &Task) -> After {
        let attempts = task.attempts.clamp(1, FAULTS);
        After::At(Task { attempts, ..self.task_in(task.kind, &task.about, (5 << (attempts - 1)).min(600), task.step) })
    }

    async fn work(&self, task: &Task) -> Result<After, Error> {
        match task.kind {
            TaskKind::ExpireOrder => self.work_expire(task).await,
            TaskKind::ClosePayment => self.work_close(task).await,
            TaskKind::QueryPayment => self.work_query(task).await,
            TaskKind::WatchPayment => self.work_watch(task).await,
            TaskKind::PushRefund => self.work_refund(task).await,
            TaskKind::AnswerCase => match CaseId::parse(&task.about) {
                Ok(case_id) => self.answer_by_rule(&case_id).await.map(|()| After::Done),
                Err(_) => Ok(After::Done),
            },
            TaskKind::DeliverEvent => self.deliver(task).await,
        }
    }

    async fn work_expire(&self, task: &Task) -> Result<After, Error> {
        let Ok(order_no) = OrderNo::parse(&task.about) else { return Ok(After::Done) };
        match self.close_order(&order_no, CloseReason::Expired, "worker").await {
            Ok(_) | Err(Error::AlreadyPaid | Error::NotFound { .. }) => Ok(After::Done),
            Err(Error::ProviderUnclear | Error::ProviderRefused { .. }) => {
                Ok(self.again(task, &self.inner.settings.plans.close_s))
            }
            Err(e) => Err(e),
        }
    }

    async fn work_close(&self, task: &Task) -> Result<After, Error> {
        let Ok(pay_no) = PayNo::parse(&task.about) else { return Ok(After::Done) };
        match self.close_payment_now(&pay_no, "worker").await {
            Ok(()) | Err(Error::AlreadyPaid | Error::NotFound { .. }) => Ok(After::Done),
            Err(Error::ProviderUnclear | Error::ProviderRefused { .. }) => {
                Ok(self.again(task, &self.inner.settings.plans.close_s))
            }
            Err(e) => Err(e),
        }
    }

    async fn work_query(&self, task: &Task) -> Result<After, Error> {
        let Ok(pay_no) = PayNo::parse(&task.about) else { return Ok(After::Done) };
        match self.ask_in_turn(&pay_no).await {
            Ok(()) | Err(Error::ProviderUnclear | Error::ProviderRefused { .. }) => {}
            Err(e) => return Err(e),
        }
        let Some(payment) = self.inner.store.payment(&pay_no).await?.filter(|p| p.status.is_open()) else {
            return Ok(After::Done);
        };
        if payment.method.is_bar() {
            let over = self.now() - payment.created_at >= self.inner.settings.plans.bar_limit_s * 1000;
            if over {
                let close = self.task_at(TaskKind::ClosePayment, pay_no.as_str(), self.now(), 0);
                self.commit(None, vec![Write::Schedule(close)]).await?;
            }
            return Ok(if over { After::Done } else { After::At(self.task_in(task.kind, &task.about, 5, task.step + 1)) });
        }
        // A number the provider never got: its start died with us.
        if payment.status == PaymentStatus::Created && task.step > 0 {
            let close = self.task_at(TaskKind::ClosePayment, pay_no.as_str(), self.now(), 0);
            self.commit(None, vec![Write::Schedule(close)]).await?;
            return Ok(After::Done);
        }
        Ok(self.again(task, &self.inner.settings.plans.query_s))
    }

    async fn work_watch(&self, task: &Task) -> Result<After, Error> {
        let Ok(pay_no) = PayNo::parse(&task.about) else { return Ok(After::Done) };
        match self.ask_in_turn(&pay_no).await {
            Ok(()) | Err(Error::ProviderUnclear | Error::ProviderRefused { .. } | Error::NotFound { .. }) => {}
            Err(e) => return Err(e),
        }
        let plan = &self.inner.settings.plans.watch_s;
        let next = task.step + 1;
        match usize::try_from(next).ok().and_then(|i| plan.get(i)) {
            Some(gap) => Ok(After::At(self.task_in(task.kind, &task.about, *gap, next))),
            None => Ok(After::Done),
        }
    }

    async fn work_refund(&self, task: &Task) -> Result<After, Error> {
        let Ok(refund_no) = RefundNo::parse(&task.about) else { return Ok(After::Done) };
        let refund = match self.push_refund(&refund_no).await {
            Ok(refund) => refund,
            Err(Error::ProviderUnclear) => return Ok(self.again(task, &self.inner.settings.plans.refund_s)),
            Err(e) => return Err(e),
        };
        if !refund.status.is_open() {
            return Ok(After::Done);
        }
        if self.refund_is_stuck(&refund) {
            tracing::error!(refund_no = %refund_no, "a refund is in progress for too long; staff must ask the provider");
        }
        Ok(self.again(task, &self.inner.settings.plans.refund_s))
    }

    /// The next step of a plan; its last gap repeats.
    fn again(&self, task: &Task, plan: &[i64]) -> After {
        let next = task.step + 1;
        let gap = usize::try_from(next).ok().and_then(|i| plan.get(i)).or(plan.last()).copied().unwrap_or(60);
        After::At(self.task_in(task.kind, &task.about, gap, next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn full(receivers: &Receivers) -> Vec<Place> {
        let mut held = Vec::new();
        for _ in 0..PER_RECEIVER {
            held.push(receivers.enter("a").await.unwrap());
        }
        held
    }

    #[tokio::test]
    async fn a_quick_receivers_place_is_waited_for() {
        let receivers = Arc::new(Receivers::default());
        let mut held = full(&receivers).await;
        let waiting = tokio::spawn({
            let receivers = receivers.clone();
            async move { receivers.enter("a").await.is_some() }
        });
        tokio::task::yield_now().await;
        drop(held.pop());
        assert!(waiting.await.unwrap());
        drop(held);
        assert!(receivers.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_slow_receiver_keeps_nobody_waiting_and_holds_up_no_other() {
        let receivers = Receivers::default();
        let held = full(&receivers).await;
        if let Some(receiver) = receivers.0.lock().unwrap().get_mut("a") {
            receiver.begun[0] = Instant::now().checked_sub(SLOW).unwrap();
        }
        assert!(receivers.enter("a").await.is_none());
        assert!(receivers.enter("b").await.is_some());
        drop(held);
        assert!(receivers.enter("a").await.is_some());
    }
}
