//! A provider's bill of one day, each line beside what stands here. It shows differences and changes nothing: money that is
//! missing here is found by asking about its payment.

use super::cashier::Cashier;
use super::channel::{Bill, BillKind, BillLine};
use super::error::Error;
use crate::model::{Amount, ChannelId, PayNo, PaymentStatus, RefundNo, RefundStatus};
use serde::Serialize;

/// What stands here about a line of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "here", content = "instead", rename_all = "snake_case")]
pub enum Agreement {
    Same,
    /// No payment or refund of this channel has the number.
    Unknown,
    /// The same number, another amount.
    Amount(Amount),
    /// Nothing has moved here: the state that ours is in.
    State(&'static str),
}

/// A line of a bill and what stands here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub line: BillLine,
    pub agreement: Agreement,
}

impl Cashier {
    /// Fetches the bill of a day of the provider's (Shanghai time, `YYYY-MM-DD`) and compares each of its lines.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a day that is none and for a kind without bills; what the provider said instead of a bill.
    pub async fn compare_bill(&self, channel_id: &ChannelId, day: &str) -> Result<Vec<Compared>, Error> {
        let format = time::macros::format_description!("[year]-[month]-[day]");
        time::Date::parse(day, format).map_err(|_| Error::invalid("day", "must be a date, written YYYY-MM-DD"))?;
        let record = self.inner.store.channel(channel_id).await?.ok_or(Error::NotFound { what: "channel" })?;
        let channel = self.channel(channel_id, record.version).await?;
        let bills = channel.bills().ok_or_else(|| Error::invalid("channel", "this kind has no bill that can be fetched"))?;
        let Bill { lines, raw: _ } = bills.bill(day).await?;
        let mut compared = Vec::with_capacity(lines.len());
        for line in lines {
            let agreement = match line.kind {
                BillKind::Payment => self.payment_of_line(channel_id, &line).await?,
                BillKind::Refund => self.refund_of_line(channel_id, &line).await?,
            };
            compared.push(Compared { line, agreement });
        }
        Ok(compared)
    }

    async fn payment_of_line(&self, channel_id: &ChannelId, line: &BillLine) -> Result<Agreement, Error> {
        let Ok(pay_no) = PayNo::parse(&line.number) else { return Ok(Agreement::Unknown) };
        let payment = self.inner.store.payment(&pay_no).await?.filter(|p| &p.channel_id == channel_id);
        Ok(match payment {
            None => Agreement::Unknown,
            Some(p) if p.status != PaymentStatus::Succeeded => Agreement::State(p.status.as_str()),
            Some(p) => same_amount(p.received.unwrap_or(p.amount), line),
        })
    }

    async fn refund_of_line(&self, channel_id: &ChannelId, line: &BillLine) -> Result<Agreement, Error> {
        let Ok(refund_no) = RefundNo::parse(&line.number) else { return Ok(Agreement::Unknown) };
        let Some(refund) = self.inner.store.refund(&refund_no).await? else { return Ok(Agreement::Unknown) };
        let payment = self.inner.store.payment(&refund.pay_no).await?.filter(|p| &p.channel_id == channel_id);
        Ok(match refund.status {
            _ if payment.is_none() => Agreement::Unknown,
            RefundStatus::Succeeded => same_amount(refund.amount, line),
            other => Agreement::State(other.as_str()),
        })
    }
}

fn same_amount(ours: Amount, line: &BillLine) -> Agreement {
    if ours == line.amount { Agreement::Same } else { Agreement::Amount(ours) }
}
