//! Accepting a provider's notice: verify, match, apply, keep the raw bytes, answer in the provider's words.

use super::cashier::Cashier;
use super::channel::{Answer, Channel, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, RawNotice, Remote, Verdict};
use super::error::Error;
use super::records::{ChannelRecord, NoticeRow, OrderBundle, Payment, TaskKind};
use super::settle::{Settled, Source};
use super::store::{StoreError, Write};
use crate::model::{ChannelId, PayNo, RefundNo};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// How many older versions of the credentials may still verify a notice.
const OLDER_VERSIONS: i64 = 4;
/// Unverified notices kept per channel and day: forgers must not fill the disk.
const UNVERIFIED_PER_DAY: i64 = 1000;
const DAY_MS: i64 = 86_400_000;

impl Cashier {
    /// Handles a notice from its raw parts. Never fails: the answer says what the provider has to hear.
    pub async fn accept_notice(
        &self,
        channel_id: &str,
        kind: NoticeKind,
        headers: &[(String, String)],
        query: &str,
        body: &[u8],
    ) -> Answer {
        let not_found = || Answer { status: 404, content_type: "text/plain; charset=utf-8", body: "not found".to_owned() };
        let Ok(channel_id) = ChannelId::parse(channel_id) else { return not_found() };
        let mut record = match self.channel_record(&channel_id).await {
            Ok(Some(record)) => record,
            Ok(None) => return not_found(),
            Err(e) => return unavailable(&e.into()),
        };
        let raw = RawNotice { kind, headers, query, body, now_ms: self.now() };
        // Handled to the end even when the provider hangs up.
        let (mut channel, mut verified) = match self.verify(&record, &raw).await {
            Ok(found) => found,
            Err(e) => return unavailable(&e),
        };
        // Perhaps the credentials were replaced within the last second.
        if verified.is_err()
            && let Ok(Some(fresh)) = self.inner.store.channel(&channel_id).await
            && fresh.version != record.version
        {
            record = fresh;
            (channel, verified) = match self.verify(&record, &raw).await {
                Ok(found) => found,
                Err(e) => return unavailable(&e),
            };
        }
        let row = self.notice_row(&record, &raw);
        let outcome = match verified {
            Ok(facts) => {
                let this = self.clone();
                let task = tokio::spawn(async move { this.apply(&record, facts, row).await });
                match task.await {
                    Ok(Ok((word, verdict))) => {
                        count(kind, &word);
                        verdict.map_or(NoticeOutcome::Accepted, NoticeOutcome::Audited)
                    }
                    Ok(Err(e)) => {
                        tracing::error!(channel = %channel_id, error = %e, "a verified notice could not be stored");
                        count(kind, "unavailable");
                        NoticeOutcome::Unavailable
                    }
                    Err(e) => {
                        tracing::error!(channel = %channel_id, error = %e, "handling a notice panicked");
                        NoticeOutcome::Unavailable
                    }
                }
            }
            // Ours to fetch, outside of this handling; the provider sends the notice again.
            Err(NoticeError::UnknownKey(key)) => {
                tracing::info!(channel = %channel_id, key, "a notice is signed with a key that is not known yet");
                count(kind, "unavailable");
                self.keep_refused(&record, row, &NoticeError::UnknownKey(key)).await;
                let (channel, channel_id) = (channel.clone(), channel_id.clone());
                tokio::spawn(async move { fetch_keys(&channel_id, channel.as_ref()).await });
                NoticeOutcome::Unavailable
            }
            Err(e) => {
                self.keep_refused(&record, row, &e).await;
                count(kind, "refused");
                NoticeOutcome::Refused
            }
        };
        channel.answer(kind, outcome)
    }

    /// A channel's record, at most a second old: notices come in bursts.
    async fn channel_record(&self, channel_id: &ChannelId) -> Result<Option<ChannelRecord>, StoreError> {
        if let Some(record) = self.inner.records.get(channel_id).await {
            return Ok(Some(record));
        }
        let record = self.inner.store.channel(channel_id).await?;
        if let Some(record) = &record {
            self.inner.records.insert(channel_id.clone(), record.clone()).await;
        }
        Ok(record)
    }

    /// Tries the current credentials, then the few before them that open payments may have started with.
    async fn verify(
        &self,
        record: &ChannelRecord,
        raw: &RawNotice<'_>,
    ) -> Result<(Arc<dyn Channel>, Result<Vec<NoticeFact>, NoticeError>), Error> {
        let newest = self.channel(&record.channel_id, record.version).await?;
        let first = match newest.read_notice(raw) {
            Ok(facts) => return Ok((newest, Ok(facts))),
            Err(e @ (NoticeError::Unreadable(_) | NoticeError::Stale | NoticeError::UnknownKey(_))) => {
                return Ok((newest, Err(e)));
            }
            Err(e) => e,
        };
        for version in (1..record.version).rev().take(usize::try_from(OLDER_VERSIONS).unwrap_or(0)) {
            if let Ok(older) = self.channel(&record.channel_id, version).await
                && let Ok(facts) = older.read_notice(raw)
            {
                return Ok((older, Ok(facts)));
            }
        }
        Ok((newest, Err(first)))
    }

    /// Applies the facts of a verified notice; the raw row is stored with the first of them.
    /// What became of them in a word, and the verdict where the provider asked for one.
    async fn apply(
        &self,
        record: &ChannelRecord,
        facts: Vec<NoticeFact>,
        row: NoticeRow,
    ) -> Result<(String, Option<Verdict>), Error> {
        let mut row = Some(NoticeRow { verified: true, ..row });
        let mut word = "nothing".to_owned();
        let mut verdict = None;
        for fact in facts {
            match fact {
                NoticeFact::Payment { pay_no, remote } => {
                    let known = match PayNo::parse(&pay_no) {
                        Ok(no) => self.bundle_of_channel(&no, record).await?.map(|bundle| (bundle, no)),
                        Err(_) => None,
                    };
                    let notice = row.take().map(|r| NoticeRow { pay_no: Some(pay_no.clone()), ..r });
                    let settled = match (known, &remote) {
                        (Some((bundle, no)), _) => self.settle_in(bundle, &no, &remote, Source::Notice(notice.as_ref())).await?,
                        (None, Remote::Paid(paid)) => {
                            let app = record.app_id.as_ref();
                            self.settle_unknown(&record.channel_id, app, &pay_no, paid, notice.as_ref()).await?
                        }
                        (None, _) => {
                            row = notice;
                            Settled::Nothing
                        }
                    };
                    word = settled.as_str().to_owned();
                }
                NoticeFact::Refund { refund_no, remote } => {
                    if let Some(no) = self.refund_of_channel(&refund_no, record).await? {
                        self.settle_refund(&no, &remote).await?;
                        word = "applied".to_owned();
                    }
                }
                NoticeFact::AskRefund { refund_no } => {
                    if let Some(no) = self.refund_of_channel(&refund_no, record).await? {
                        let task = self.task_at(TaskKind::PushRefund, no.as_str(), self.now(), 1);
                        let open = self.inner.store.refund(&no).await?.is_some_and(|r| r.status.is_open());
                        if open {
                            self.commit(None, vec![Write::Schedule(task)]).await?;
                        }
                        word = "applied".to_owned();
                    }
                }
                NoticeFact::ProviderRefund { pay_no, provider_refund_no, remote } => {
                    if let Some(no) = self.refund_by_provider_no(record, pay_no.as_deref(), &provider_refund_no).await? {
                        self.settle_refund(&no, &remote).await?;
                        word = "applied".to_owned();
                    }
                    if let (Some(row), Some(pay_no)) = (&mut row, pay_no) {
                        self.name_payment(row, pay_no, record).await?;
                    }
                }
                NoticeFact::RefundAudit { pay_no, provider_refund_no } => {
                    verdict = Some(self.audit_refund(record, &pay_no, &provider_refund_no).await?);
                    if let Some(row) = &mut row {
                        self.name_payment(row, pay_no, record).await?;
                    }
                    word = "applied".to_owned();
                }
                NoticeFact::Nothing => {}
            }
        }
        if let Some(mut row) = row {
            row.result.clone_from(&word);
            self.commit(None, vec![Write::InsertNotice(Box::new(row))]).await?;
        }
        Ok((word, verdict))
    }

    /// Says in the kept notice whose it is, so that the order's page shows it.
    async fn name_payment(&self, row: &mut NoticeRow, pay_no: String, record: &ChannelRecord) -> Result<(), Error> {
        row.order_no = self.payment_of_channel(&pay_no, record).await?.map(|p| p.order_no);
        row.pay_no = Some(pay_no);
        Ok(())
    }

    /// A payment of this channel by the number that a provider sent.
    pub(super) async fn payment_of_channel(&self, pay_no: &str, record: &ChannelRecord) -> Result<Option<Payment>, Error> {
        let Ok(no) = PayNo::parse(pay_no) else { return Ok(None) };
        Ok(self.inner.store.payment(&no).await?.filter(|p| p.channel_id == record.channel_id))
    }

    /// The order of a payment that was started on this channel.
    async fn bundle_of_channel(&self, pay_no: &PayNo, record: &ChannelRecord) -> Result<Option<OrderBundle>, Error> {
        let bundle = self.inner.store.bundle_of_payment(pay_no).await?;
        let ours = |b: &OrderBundle| b.payments.iter().any(|p| &p.pay_no == pay_no && p.channel_id == record.channel_id);
        Ok(bundle.filter(ours))
    }

    /// A refund number of ours that belongs to this channel.
    async fn refund_of_channel(&self, refund_no: &str, record: &ChannelRecord) -> Result<Option<RefundNo>, Error> {
        let Ok(no) = RefundNo::parse(refund_no) else { return Ok(None) };
        let Some(refund) = self.inner.store.refund(&no).await? else { return Ok(None) };
        let payment = self.inner.store.payment(&refund.pay_no).await?;
        Ok(payment.filter(|p| p.channel_id == record.channel_id).map(|_| no))
    }

    async fn keep_refused(&self, record: &ChannelRecord, row: NoticeRow, error: &NoticeError) {
        tracing::info!(channel = %record.channel_id, reason = %error, "a notice was refused");
        let day = row.received_at / DAY_MS;
        let counter = self
            .inner
            .refused
            .get_with((record.channel_id.clone(), day), async {
                let kept = self.inner.store.unverified_since(&record.channel_id, day * DAY_MS).await.unwrap_or(0);
                Arc::new(std::sync::atomic::AtomicI64::new(kept))
            })
            .await;
        if counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= UNVERIFIED_PER_DAY {
            return;
        }
        let row = NoticeRow { verified: false, result: error.to_string(), ..row };
        if let Err(e) = self.commit(None, vec![Write::InsertNotice(Box::new(row))]).await {
            tracing::warn!(error = %e, "a refused notice could not be kept");
        }
    }

    fn notice_row(&self, record: &ChannelRecord, raw: &RawNotice<'_>) -> NoticeRow {
        let kept = |name: &str| name == "content-type" || name.starts_with("wechatpay-");
        let mut headers: Vec<String> =
            raw.headers.iter().filter(|(name, _)| kept(name)).map(|(name, value)| format!("{name}: {value}")).collect();
        if !raw.query.is_empty() {
            headers.push(format!("query: {}", raw.query));
        }
        NoticeRow {
            id: self.inner.world.number(),
            channel_id: record.channel_id.clone(),
            kind: raw.kind.as_str().to_owned(),
            received_at: raw.now_ms,
            headers: headers.join("\n"),
            body_base64: STANDARD.encode(raw.body),
            verified: false,
            result: String::new(),
            pay_no: None,
            order_no: None,
        }
    }
}

async fn fetch_keys(channel_id: &ChannelId, channel: &dyn Channel) {
    let Some(keys) = channel.rotating_keys() else { return };
    if let Err(e) = keys.fetch().await {
        tracing::warn!(channel = %channel_id, error = %e, "the provider's keys could not be fetched");
    }
}

fn unavailable(error: &Error) -> Answer {
    tracing::error!(error = %error, "a notice could not be looked at");
    Answer { status: 503, content_type: "text/plain; charset=utf-8", body: "fail".to_owned() }
}

fn count(kind: NoticeKind, result: &str) {
    metrics::counter!("cashier_notices_total", "kind" => kind.as_str(), "result" => result.to_owned()).increment(1);
}
