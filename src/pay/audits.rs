//! Refunds as a provider sees them: it asks whether one may be, and it names them by a number of its own.

use super::cashier::Cashier;
use super::change::Change;
use super::channel::Verdict;
use super::error::Error;
use super::records::{ChannelRecord, OrderBundle, Refund};
use super::store::{PageRequest, RefundFilter, StoreError};
use crate::model::{PayNo, RefundNo, RefundStatus};

/// Refunds looked at when a provider's number is searched for; two channels may use the same one.
const NAMESAKES: i64 = 50;

/// Which refund of ours a provider's number stands for.
enum Meant<'a> {
    Known(&'a Refund),
    /// The only open one whose number at the provider we have not heard yet: news may overtake the reply to our call.
    Unnamed(&'a Refund),
    /// Several could be meant; once the replies are in it will be clear.
    Unclear,
    None,
}

fn meant<'a>(bundle: &'a OrderBundle, pay_no: &PayNo, provider_refund_no: &str) -> Meant<'a> {
    let of_payment = || bundle.refunds.iter().filter(|r| &r.pay_no == pay_no);
    if let Some(refund) = of_payment().find(|r| r.provider_refund_no.as_deref() == Some(provider_refund_no)) {
        return Meant::Known(refund);
    }
    let mut unnamed = of_payment().filter(|r| r.status.is_open() && r.provider_refund_no.is_none());
    match (unnamed.next(), unnamed.next()) {
        (Some(refund), None) => Meant::Unnamed(refund),
        (Some(_), Some(_)) => Meant::Unclear,
        (None, _) => Meant::None,
    }
}

impl Cashier {
    /// Whether a refund may be that the provider asks about. One of ours was decided when it was asked for.
    ///
    /// # Errors
    /// Storage errors; then nothing was changed.
    pub(super) async fn audit_refund(
        &self,
        record: &ChannelRecord,
        pay_no: &str,
        provider_refund_no: &str,
    ) -> Result<Verdict, Error> {
        let Some(payment) = self.payment_of_channel(pay_no, record).await? else { return Ok(Verdict::Undecided) };
        loop {
            let (app, bundle) = self.reload(&payment.pay_no).await?;
            match meant(&bundle, &payment.pay_no, provider_refund_no) {
                Meant::Known(refund) if refund.status == RefundStatus::Failed => return Ok(Verdict::Reject),
                Meant::Known(refund) => return Ok(Verdict::Approve(refund.amount)),
                Meant::Unnamed(refund) => {
                    let (refund_no, amount) = (refund.refund_no.clone(), refund.amount);
                    let mut change = Change::new(self, &app, bundle);
                    change.refund(&refund_no, |r| {
                        r.status = RefundStatus::Processing;
                        r.provider_refund_no = Some(provider_refund_no.to_owned());
                    });
                    match change.commit().await {
                        Err(Error::Store(StoreError::Stale)) => {}
                        Err(e) => return Err(e),
                        Ok(_) => return Ok(Verdict::Approve(amount)),
                    }
                }
                Meant::Unclear | Meant::None => return Ok(Verdict::Undecided),
            }
        }
    }

    /// The refund of this channel that the provider's number stands for.
    ///
    /// # Errors
    /// Storage errors.
    pub(super) async fn refund_by_provider_no(
        &self,
        record: &ChannelRecord,
        pay_no: Option<&str>,
        provider_refund_no: &str,
    ) -> Result<Option<RefundNo>, Error> {
        if let Some(pay_no) = pay_no {
            let Some(payment) = self.payment_of_channel(pay_no, record).await? else { return Ok(None) };
            let (_, bundle) = self.reload(&payment.pay_no).await?;
            return Ok(match meant(&bundle, &payment.pay_no, provider_refund_no) {
                Meant::Known(refund) | Meant::Unnamed(refund) => Some(refund.refund_no.clone()),
                Meant::Unclear | Meant::None => None,
            });
        }
        let filter = RefundFilter { number: Some(provider_refund_no.to_owned()), ..RefundFilter::default() };
        let page = PageRequest { limit: NAMESAKES, ..PageRequest::default() };
        for refund in self.inner.store.refunds(&filter, &page).await?.items {
            let is_its = refund.provider_refund_no.as_deref() == Some(provider_refund_no);
            if is_its && self.payment_of_channel(refund.pay_no.as_str(), record).await?.is_some() {
                return Ok(Some(refund.refund_no));
            }
        }
        Ok(None)
    }
}
