//! Which channels are in trouble. A channel that fails to start payments is marked with time and reason and passed over
//! while others can do the same; it is asked something harmless now and then, and comes back when it answers well.

use super::cashier::Cashier;
use super::channel::{ChannelError, CheckMeaning, CheckReport, NextStep};
use super::error::Error;
use super::records::{Degraded, Payment, Standing};
use super::store::Write;
use crate::model::ChannelId;

/// A channel in trouble is asked how it does at most this often.
const PROBE_MS: i64 = 30_000;
/// The same trouble again is not written down sooner.
const AGAIN_MS: i64 = 5_000;
/// Longest reason that is kept.
const REASON_CHARS: usize = 200;

impl Cashier {
    /// How a channel stands.
    ///
    /// # Errors
    /// Storage errors.
    pub async fn standing(&self, channel_id: &ChannelId) -> Result<Standing, Error> {
        let found = self.inner.store.standings().await?.into_iter().find(|s| &s.channel_id == channel_id);
        Ok(found.unwrap_or_else(|| Standing::usual(channel_id.clone())))
    }

    /// A payment could not be started for a reason that lies with the channel.
    pub(super) async fn mark_degraded(&self, payment: &Payment, reason: &str) {
        let reason: String = reason.chars().take(REASON_CHARS).collect();
        let known = self.standing_here(payment).await.and_then(|s| s.degraded);
        if known.is_some_and(|d| d.reason == reason && self.now() - d.at < AGAIN_MS) {
            return;
        }
        self.set_degraded(&payment.channel_id, Some(&reason)).await;
    }

    /// A payment was started: whatever the trouble was, it is over. A step that we write by ourselves proves nothing.
    pub(super) async fn mark_well(&self, payment: &Payment) {
        let was_asked = matches!(payment.next, Some(NextStep::Qr { .. } | NextStep::Wait | NextStep::Done));
        if was_asked && self.standing_here(payment).await.is_some_and(|s| s.degraded.is_some()) {
            self.set_degraded(&payment.channel_id, None).await;
        }
    }

    async fn standing_here(&self, payment: &Payment) -> Option<Standing> {
        let slots = self.slots(&payment.app_id).await.ok()?;
        slots.iter().find(|s| s.channel.channel_id == payment.channel_id).map(|s| s.standing.clone())
    }

    /// Trouble with the mark is trouble of ours and stops no payment.
    async fn set_degraded(&self, channel_id: &ChannelId, reason: Option<&str>) {
        let degraded = reason.map(|reason| Degraded { at: self.now(), reason: reason.chars().take(REASON_CHARS).collect() });
        match &degraded {
            Some(d) => tracing::warn!(channel = %channel_id, reason = d.reason, "a channel fails to start payments"),
            None => tracing::info!(channel = %channel_id, "a channel works again"),
        }
        let write = Write::SetDegraded { channel_id: channel_id.clone(), degraded };
        if let Err(error) = self.commit(None, vec![write]).await {
            tracing::warn!(channel = %channel_id, %error, "a channel's trouble could not be written down");
        }
        self.inner.offers.invalidate_all();
    }

    /// Asks channels in trouble how they do, in the background.
    pub(super) fn look_after<'a>(&self, standings: impl Iterator<Item = &'a Standing>) {
        for standing in standings {
            let Some(degraded) = standing.degraded.as_ref().filter(|d| self.now() - d.at >= PROBE_MS) else { continue };
            let (this, channel_id, reason) = (self.clone(), standing.channel_id.clone(), degraded.reason.clone());
            tokio::spawn(async move {
                // First the new time, so that other payments meanwhile do not ask as well.
                this.set_degraded(&channel_id, Some(&reason)).await;
                let _ = this.check_channel(&channel_id).await; // notes the answer by itself
            });
        }
    }

    /// Notes what a check of a channel's credentials found out.
    pub(super) async fn note_check(&self, channel_id: &ChannelId, report: &Result<CheckReport, ChannelError>) {
        match report {
            Ok(report) if report.ok => {
                if self.standing(channel_id).await.is_ok_and(|s| s.degraded.is_some()) {
                    self.set_degraded(channel_id, None).await;
                }
            }
            other => {
                if let Some(reason) = account_fault(other) {
                    self.set_degraded(channel_id, Some(&reason)).await;
                }
            }
        }
    }

    /// Whether the account itself is at fault, as the provider sees it: then a start cannot have had any effect.
    pub(super) async fn fault_of_account(&self, payment: &Payment) -> Option<String> {
        let channel = self.channel(&payment.channel_id, payment.channel_version).await.ok()?;
        account_fault(&channel.check().await)
    }
}

/// What a check says against an account; silence says nothing.
fn account_fault(report: &Result<CheckReport, ChannelError>) -> Option<String> {
    match report {
        Ok(report) => {
            let words = match report.meaning {
                CheckMeaning::OurSignatureRefused => "the provider refuses our signature",
                CheckMeaning::UnknownAccount => "the provider does not know the account",
                CheckMeaning::NotPermitted => "the account may not do this",
                CheckMeaning::Works | CheckMeaning::TheirSignatureWrong | CheckMeaning::Unreachable | CheckMeaning::Other => {
                    return None;
                }
            };
            Some(format!("{words}: {}", report.answered))
        }
        Err(ChannelError::Credentials { field, problem }) => Some(format!("{field}: {problem}")),
        Err(_) => None,
    }
}
