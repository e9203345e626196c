//! Starting a payment: what to do with the attempts that are there, and which channel's turn it is when one fails.

use super::attempt::Called;
use super::cashier::Cashier;
use super::channel::ChannelError;
use super::error::Error;
use super::orders::Nonce;
use super::records::{OrderBundle, Payment, TaskKind};
use super::secret::Secret;
use super::store::{StoreError, Write};
use crate::model::{ChannelId, Method, OrderNo, OrderStatus, PayNo, PaymentStatus};
use std::collections::BTreeMap;
use std::time::Duration;

/// A request to start a payment.
#[derive(Debug, Clone)]
pub struct Start {
    pub method: Method,
    pub auth_code: Option<Secret<String>>,
    /// The call's own facts, over those of the order's `extra`.
    pub facts: BTreeMap<String, String>,
    /// The only channel that will do, because the facts came from it: a payer's id is another one in each account.
    pub channel: Option<ChannelId>,
    pub client_ip: Option<String>,
    /// `api`, `payer` or a staff id.
    pub actor: String,
    /// Of a signed call: spent by whatever this start writes first, and whatever becomes of it.
    pub nonce: Option<Nonce>,
}

/// A start that lost its caller is taken over after this long.
const TAKE_OVER_MS: i64 = 15_000;
/// How long a second caller waits for the first one's answer.
const WAIT_STEP: Duration = Duration::from_millis(100);
const WAIT_STEPS: u32 = 120;

/// What to do with the attempts that exist already.
enum Plan {
    /// The order takes no payment any more.
    Over(Error),
    /// This one still serves.
    Reuse(Box<Payment>),
    /// Somebody is starting this very one.
    Await,
    /// Its start had no clear end: start it again, with the same number.
    Resume(Box<Payment>),
    /// Close these first, then begin.
    Begin(Vec<PayNo>),
}

/// Whose turn it is after a start that failed.
enum Verdict {
    Ended(Result<Box<Payment>, Error>),
    /// Another channel's; what this one said is the answer if that comes to nothing.
    Another(Error),
}

impl Cashier {
    /// Starts a payment, or gives the one that still serves. Runs to its end even when the caller goes away.
    ///
    /// # Errors
    /// `MethodUnavailable`, `AmountLimits`, `Missing` (a fact), `AlreadyPaid`, `Closed`, `ProviderRefused`,
    /// `ProviderUnclear` (the payment stays pending and is asked for).
    pub async fn start_payment(&self, order_no: &OrderNo, start: Start) -> Result<Payment, Error> {
        let bundle = self.inner.store.bundle(order_no).await?.ok_or(Error::NotFound { what: "order" })?;
        self.start_payment_of(bundle, start).await
    }

    /// The same for whoever has just read the order. Should it have changed since, it is read again.
    ///
    /// # Errors
    /// As [`Cashier::start_payment`]; `Store(Taken(Nonce))` for a replay.
    pub async fn start_payment_of(&self, bundle: OrderBundle, start: Start) -> Result<Payment, Error> {
        let this = self.clone();
        let task = tokio::spawn(async move { this.start_to_the_end(bundle, &start).await });
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }

    async fn start_to_the_end(&self, bundle: OrderBundle, start: &Start) -> Result<Payment, Error> {
        let (order_no, app_id) = (bundle.order.order_no.clone(), bundle.order.app_id.clone());
        let (mut read, mut nonce) = (Some(bundle), start.nonce.clone());
        let mut resumed = false;
        // Channels that failed in this call, and what the last of them said.
        let (mut passed_over, mut said): (Vec<ChannelId>, Option<Error>) = (Vec::new(), None);
        for _ in 0..WAIT_STEPS {
            let bundle = match read.take() {
                Some(bundle) => bundle,
                None => self.inner.store.bundle(&order_no).await?.ok_or(Error::NotFound { what: "order" })?,
            };
            let plan = self.plan(&bundle, start, self.now());
            if !matches!(plan, Plan::Begin(_)) {
                self.spend_nonce(&app_id, nonce.take().as_ref()).await?;
            }
            let (bundle, payment, resumes) = match plan {
                Plan::Over(error) => return Err(error),
                Plan::Reuse(payment) => return Ok(*payment),
                Plan::Await => {
                    tokio::time::sleep(WAIT_STEP).await;
                    continue;
                }
                Plan::Resume(payment) => (bundle, *payment, true),
                Plan::Begin(rivals) => {
                    // Checked first: a start that cannot work must not cost the payer the attempt that does.
                    let offer = match self.choose(&bundle.order, start, &passed_over).await {
                        Ok(offer) => offer,
                        Err(e) => {
                            self.spend_nonce(&app_id, nonce.as_ref()).await?;
                            return Err(said.unwrap_or(e));
                        }
                    };
                    if !rivals.is_empty() {
                        self.spend_nonce(&app_id, nonce.take().as_ref()).await?;
                        self.close_rivals(&rivals, &start.actor).await?;
                        continue;
                    }
                    match self.begin(bundle, start, &offer, nonce.as_ref()).await {
                        Err(Error::Store(StoreError::Stale)) => continue,
                        Err(e) => return Err(e),
                        Ok((bundle, payment)) => {
                            nonce = None;
                            (bundle, payment, false)
                        }
                    }
                }
            };
            let trouble = match self.call_provider(&bundle, &payment, start).await? {
                Called::Started(payment) => {
                    self.mark_well(&payment).await;
                    return Ok(*payment);
                }
                Called::Failed(trouble) => trouble,
            };
            if resumes && !resumed && matches!(trouble, ChannelError::Refused { .. }) {
                // The old number may be closed there already, by a close that died before we heard of it. That is the old
                // attempt's end and no word about a new one.
                resumed = true;
                self.end_refused(&payment, &trouble).await?;
                continue;
            }
            passed_over.push(payment.channel_id.clone());
            let others = self.choose(&bundle.order, start, &passed_over).await.is_ok();
            match self.after_trouble(&payment, trouble, others, &start.actor).await? {
                Verdict::Ended(result) => return result.map(|payment| *payment),
                Verdict::Another(error) => said = Some(error),
            }
        }
        Err(Error::ProviderUnclear)
    }

    /// What a failed start means: the end of this call, or another channel's turn. `others`: whether there is one.
    async fn after_trouble(&self, payment: &Payment, trouble: ChannelError, others: bool, actor: &str) -> Result<Verdict, Error> {
        let pay_no = &payment.pay_no;
        match &trouble {
            ChannelError::Unclear(reason) | ChannelError::NotSent(reason) => {
                tracing::warn!(%pay_no, channel = %payment.channel_id, reason, "starting a payment had no clear end");
                self.mark_degraded(payment, reason).await;
                if others && matches!(trouble, ChannelError::NotSent(_)) {
                    self.end_unstarted(pay_no, "not_sent", reason).await?;
                    return Ok(Verdict::Another(trouble.into()));
                }
                self.keep_unclear(pay_no).await?;
                if others && self.is_out_of_the_way(payment, actor).await? {
                    return Ok(Verdict::Another(trouble.into()));
                }
                // The provider may know it, and may even have the money.
                let _ = self.ask_payment(pay_no, "worker").await;
                Ok(Verdict::Ended(self.after_unclear(pay_no).await.map(Box::new)))
            }
            ChannelError::Credentials { field, problem } => {
                self.mark_degraded(payment, &format!("{field}: {problem}")).await;
                self.end_refused(payment, &trouble).await?;
                Ok(if others { Verdict::Another(trouble.into()) } else { Verdict::Ended(Err(trouble.into())) })
            }
            ChannelError::Refused { .. } => {
                self.end_refused(payment, &trouble).await?;
                let (this, asked) = (self.clone(), payment.clone());
                let look = async move {
                    let fault = this.fault_of_account(&asked).await;
                    if let Some(reason) = &fault {
                        this.mark_degraded(&asked, reason).await;
                    }
                    fault.is_some()
                };
                if !others {
                    tokio::spawn(look); // for the panel; the payer need not wait for it
                    return Ok(Verdict::Ended(Err(trouble.into())));
                }
                // A refused bar code is refused to this payer, unless it is the account's fault; any other refusal had no
                // effect, and another account may do better.
                let fault = look.await;
                let another = fault || !payment.method.is_bar();
                Ok(if another { Verdict::Another(trouble.into()) } else { Verdict::Ended(Err(trouble.into())) })
            }
            ChannelError::MissingFact(_) | ChannelError::Unsupported(_) => {
                self.end_refused(payment, &trouble).await?;
                Ok(Verdict::Ended(Err(trouble.into())))
            }
        }
    }

    /// Whether another channel may begin although the provider may have got this attempt. A bar code may have been charged,
    /// and no later question proves the contrary.
    async fn is_out_of_the_way(&self, payment: &Payment, actor: &str) -> Result<bool, Error> {
        if payment.method.is_bar() {
            return Ok(false);
        }
        let rival = [payment.pay_no.clone()];
        let (fault, closed) = tokio::join!(self.fault_of_account(payment), self.close_rivals(&rival, actor));
        if let Some(reason) = fault {
            self.mark_degraded(payment, &reason).await;
        }
        match closed {
            Ok(()) => Ok(true),
            Err(Error::AlreadyPaid) => Ok(false),
            Err(e) => Err(e),
        }
    }

    /// The provider wants none of the payment, or never got it.
    async fn end_refused(&self, payment: &Payment, trouble: &ChannelError) -> Result<(), Error> {
        match trouble {
            ChannelError::Refused { code, message } => self.end_failed(&payment.pay_no, code, message).await,
            other => self.end_unstarted(&payment.pay_no, "not_started", &other.to_string()).await,
        }
    }

    fn plan(&self, bundle: &OrderBundle, start: &Start, now: i64) -> Plan {
        match bundle.order.status {
            OrderStatus::Paid => return Plan::Over(Error::AlreadyPaid),
            OrderStatus::Closed => return Plan::Over(Error::Closed),
            OrderStatus::Created | OrderStatus::Paying if bundle.order.expires_at <= now => return Plan::Over(Error::Closed),
            OrderStatus::Created | OrderStatus::Paying => {}
        }
        let method = start.method;
        let reuse_ms = self.inner.settings.plans.code_reuse_s * 1000;
        let open = || bundle.payments.iter().filter(|p| p.status.is_open());
        // Rivals that would not close are asked again by the worker; they must not block the payer for ever.
        let closing = |p: &Payment| p.provider_data.contains_key("closing");
        if let Some(same) = open().filter(|p| p.method == method && !closing(p)).max_by(|a, b| a.pay_no.cmp(&b.pay_no)) {
            let alive = same.code_expires_at.unwrap_or(same.expires_at) - now >= reuse_ms;
            match (same.status, &same.next) {
                (_, Some(_)) if alive => return Plan::Reuse(Box::new(same.clone())),
                (PaymentStatus::Created, None) if now - same.created_at < TAKE_OVER_MS => return Plan::Await,
                // A bar code is spent by its first try: never send it twice.
                (_, None) if method.is_bar() => return Plan::Reuse(Box::new(same.clone())),
                (_, None) if alive => return Plan::Resume(Box::new(same.clone())),
                _ => {}
            }
        }
        Plan::Begin(open().filter(|p| !closing(p)).map(|p| p.pay_no.clone()).collect())
    }

    /// Closes the attempts that a new one replaces. One that cannot be closed now is left to the worker; should it be
    /// paid as well, it becomes a case.
    async fn close_rivals(&self, rivals: &[PayNo], actor: &str) -> Result<(), Error> {
        for rival in rivals {
            match self.close_payment_now(rival, actor).await {
                Ok(()) => {}
                Err(Error::ProviderUnclear | Error::ProviderRefused { .. } | Error::Channel(_)) => {
                    self.mark_closing(rival).await?;
                }
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }

    async fn mark_closing(&self, pay_no: &PayNo) -> Result<(), Error> {
        let Some(mut payment) = self.inner.store.payment(pay_no).await?.filter(|p| p.status.is_open()) else { return Ok(()) };
        let was = payment.status;
        payment.provider_data.insert("closing".to_owned(), "1".to_owned());
        let first = self.inner.settings.plans.close_s.first().copied().unwrap_or(5);
        let task = self.task_in(TaskKind::ClosePayment, pay_no.as_str(), first, 1);
        let writes = vec![Write::SavePayment { payment: Box::new(payment), was }, Write::Schedule(task)];
        match self.inner.store.commit(writes).await {
            Ok(()) | Err(StoreError::Stale) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}
