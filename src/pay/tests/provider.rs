//! The scripted provider of the core's tests: a book of trades, and a mood.

use crate::model::{Amount, ChannelKind, Method};
use crate::pay::ChannelAccount;
use crate::pay::channel::{
    Answer, Bills, Capabilities, Channel, ChannelError, ChannelFactory, CheckMeaning, CheckReport, Closing, Declaration, Limits,
    MethodSpec, NextStep, NoticeError, NoticeFact, NoticeKind, NoticeOutcome, Paid, PaymentRef, RawNotice, RefundRequest, Remote,
    RemoteRefund, RotatingKeys, SignIn, StartRequest, Started, Verdict,
};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What the provider's book knows of one number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trade {
    pub paid: Option<Amount>,
    pub closed: bool,
    /// The payer confirms right before our next close arrives.
    pub pays_before_close: Option<Amount>,
    /// Money that was there when a bar code was reversed, and went back.
    pub reversed: Option<Amount>,
    pub starts: u32,
    /// Refunds by our number: amount and whether the money went.
    pub refunds: BTreeMap<String, (Amount, bool)>,
    pub refund_calls: u32,
}

/// How the provider behaves just now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Well,
    /// Does what it is asked and answers nothing clear.
    Mute,
    /// Does nothing and answers nothing clear.
    Dead,
    /// Says no.
    Refusing,
    /// Carries closes out and answers nothing clear.
    ClosesUnheard,
    /// Says no to closes.
    ClosesRefused,
    /// Accepts refunds and leaves them in progress.
    RefundsStuck,
    /// Cannot be reached: nothing was sent.
    Unreachable,
    /// Refuses our account, whatever is asked.
    BadAccount,
    /// Our credentials cannot even sign.
    BrokenKey,
}

#[derive(Default)]
pub struct Book {
    pub trades: BTreeMap<String, Trade>,
    pub mood: Mood,
    /// Moods towards single accounts, before the general one.
    pub moods: BTreeMap<String, Mood>,
    /// The account that started each number.
    pub started_by: BTreeMap<String, String>,
}

/// The provider, shared by all opened channels, which know their own account.
#[derive(Clone, Default)]
pub struct Provider(pub Arc<Mutex<Book>>, Option<String>);

impl Provider {
    pub fn mood(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    pub fn mood_of(&self, channel_id: &str, mood: Mood) {
        self.0.lock().unwrap().moods.insert(channel_id.to_owned(), mood);
    }

    /// The account that a number was started with.
    pub fn started_by(&self, pay_no: &str) -> Option<String> {
        self.0.lock().unwrap().started_by.get(pay_no).cloned()
    }

    pub fn trade(&self, pay_no: &str) -> Trade {
        self.0.lock().unwrap().trades.get(pay_no).cloned().unwrap_or_default()
    }

    /// The payer pays at the provider; refused when the trade is closed there.
    pub fn pay(&self, pay_no: &str, amount: i64) -> bool {
        let mut book = self.0.lock().unwrap();
        let trade = book.trades.entry(pay_no.to_owned()).or_default();
        let open = !trade.closed && trade.paid.is_none();
        if open {
            trade.paid = Some(Amount::from_fen(amount).unwrap());
        }
        open
    }

    /// As if the close had lost a race at the provider.
    pub fn pay_although_closed(&self, pay_no: &str, amount: i64) {
        let mut book = self.0.lock().unwrap();
        let trade = book.trades.entry(pay_no.to_owned()).or_default();
        if trade.reversed.is_none() {
            trade.paid = Some(Amount::from_fen(amount).unwrap());
        }
    }

    /// The payer will confirm between our last question and our close.
    pub fn pay_before_close(&self, pay_no: &str, amount: i64) {
        let mut book = self.0.lock().unwrap();
        book.trades.entry(pay_no.to_owned()).or_default().pays_before_close = Some(Amount::from_fen(amount).unwrap());
    }

    /// A close of ours reached the provider, and we died before we heard of it.
    pub fn close_unheard(&self, pay_no: &str) {
        self.0.lock().unwrap().trades.entry(pay_no.to_owned()).or_default().closed = true;
    }

    fn answer<T>(&self, effect: impl FnOnce(&mut Book) -> T) -> Result<T, ChannelError> {
        let mut book = self.0.lock().unwrap();
        let mood = self.1.as_ref().and_then(|account| book.moods.get(account)).copied().unwrap_or(book.mood);
        match mood {
            Mood::Unreachable => Err(ChannelError::NotSent("no connection".to_owned())),
            Mood::BadAccount => Err(ChannelError::Refused { code: "NO_AUTH".into(), message: "account refused".into() }),
            Mood::BrokenKey => Err(ChannelError::Credentials { field: "key", problem: "does not sign".into() }),
            Mood::Dead => Err(ChannelError::Unclear("no answer".into())),
            Mood::Refusing => Err(ChannelError::Refused { code: "NO".into(), message: "refused".into() }),
            Mood::Mute => {
                effect(&mut book);
                Err(ChannelError::Unclear("lost answer".into()))
            }
            Mood::Well | Mood::RefundsStuck | Mood::ClosesUnheard | Mood::ClosesRefused => Ok(effect(&mut book)),
        }
    }
}

fn paid(pay_no: &str, amount: Amount) -> Paid {
    Paid { trade_no: format!("T{pay_no}"), amount, payer: Some("payer".into()), paid_at: None }
}

#[async_trait]
impl Channel for Provider {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        self.answer(|book| {
            let trade = book.trades.entry(request.pay_no.clone()).or_default();
            if trade.closed {
                return Err(ChannelError::Refused { code: "CLOSED".into(), message: "this number is closed".into() });
            }
            trade.starts += 1;
            if let Some(account) = &self.1 {
                book.started_by.insert(request.pay_no.clone(), account.clone());
            }
            if request.method.is_bar() {
                return Ok(Started::step(NextStep::Wait));
            }
            Ok(Started::step(NextStep::Qr { code_url: format!("stage://{}", request.pay_no), expires_at: request.deadline }))
        })?
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        self.answer(|book| match book.trades.get(&payment.pay_no) {
            None => Remote::Unknown,
            Some(Trade { paid: Some(amount), .. }) => Remote::Paid(paid(&payment.pay_no, *amount)),
            Some(Trade { closed: true, .. }) => Remote::Closed,
            Some(_) => Remote::Pending,
        })
    }

    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        self.answer(|book| {
            let mood = book.mood;
            let trade = book.trades.entry(payment.pay_no.clone()).or_default();
            trade.paid = trade.paid.or(trade.pays_before_close.take());
            if mood == Mood::ClosesRefused {
                return Err(ChannelError::Refused { code: "NO".into(), message: "refused".into() });
            }
            if trade.paid.is_some() && !payment.method.is_bar() {
                return Ok(Closing::AlreadyPaid);
            }
            trade.reversed = trade.paid.take().or(trade.reversed);
            trade.closed = true;
            if mood == Mood::ClosesUnheard { Err(ChannelError::Unclear("lost answer".into())) } else { Ok(Closing::Closed) }
        })?
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.answer(|book| {
            let stuck = book.mood == Mood::RefundsStuck;
            let trade = book.trades.entry(request.pay_no.clone()).or_default();
            trade.refund_calls += 1;
            let entry = trade.refunds.entry(request.refund_no.clone()).or_insert((request.amount, !stuck));
            if entry.1 {
                RemoteRefund::Succeeded { provider_refund_no: Some(format!("R{}", request.refund_no)), succeeded_at: None }
            } else {
                RemoteRefund::Processing { provider_refund_no: None }
            }
        })
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        self.answer(|book| match book.trades.get(&request.pay_no).and_then(|t| t.refunds.get(&request.refund_no)) {
            None => RemoteRefund::Unknown,
            Some((_, true)) => RemoteRefund::Succeeded { provider_refund_no: None, succeeded_at: None },
            Some((_, false)) => RemoteRefund::Processing { provider_refund_no: None },
        })
    }

    /// `signed <pay_no> <fen> [<trade number>]`, `audit <pay_no> <the provider's refund number>`, `refunded <that number> <pay_no or ->`
    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        let text = std::str::from_utf8(raw.body).map_err(|e| NoticeError::Unreadable(e.to_string()))?;
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["signed", pay_no, fen] => {
                let amount = Amount::from_fen(fen.parse().unwrap()).unwrap();
                Ok(vec![NoticeFact::Payment { pay_no: pay_no.to_owned(), remote: Remote::Paid(paid(pay_no, amount)) }])
            }
            ["signed", pay_no, fen, trade_no] => {
                let amount = Amount::from_fen(fen.parse().unwrap()).unwrap();
                let paid = Paid { trade_no: trade_no.to_owned(), ..paid(pay_no, amount) };
                Ok(vec![NoticeFact::Payment { pay_no: pay_no.to_owned(), remote: Remote::Paid(paid) }])
            }
            ["audit", pay_no, number] => {
                let (pay_no, provider_refund_no) = (pay_no.to_owned(), number.to_owned());
                Ok(vec![NoticeFact::RefundAudit { pay_no, provider_refund_no }])
            }
            ["refunded", number, pay_no] => Ok(vec![NoticeFact::ProviderRefund {
                pay_no: Some(pay_no.to_owned()).filter(|no| no != "-"),
                provider_refund_no: number.to_owned(),
                remote: RemoteRefund::Succeeded { provider_refund_no: Some(number.to_owned()), succeeded_at: None },
            }]),
            _ => Err(NoticeError::Signature),
        }
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        let (status, body) = match outcome {
            NoticeOutcome::Accepted => (200, "success".to_owned()),
            NoticeOutcome::Audited(Verdict::Approve(amount)) => (200, format!("approve {}", amount.fen())),
            NoticeOutcome::Audited(Verdict::Reject) => (200, "reject".to_owned()),
            NoticeOutcome::Audited(Verdict::Undecided) => (200, "undecided".to_owned()),
            NoticeOutcome::Refused => (200, "fail".to_owned()),
            NoticeOutcome::Unavailable => (500, "fail".to_owned()),
        };
        Answer { status, content_type: "text/plain", body }
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let report = |meaning: CheckMeaning| CheckReport {
            ok: meaning == CheckMeaning::Works,
            asked: String::new(),
            answered: "the provider's words".to_owned(),
            meaning,
        };
        match self.answer(|_| ()) {
            Ok(()) => Ok(report(CheckMeaning::Works)),
            Err(ChannelError::Refused { code, .. }) if code == "NO_AUTH" => Ok(report(CheckMeaning::UnknownAccount)),
            Err(ChannelError::Refused { .. }) => Ok(report(CheckMeaning::Works)),
            Err(ChannelError::Unclear(_)) => Ok(report(CheckMeaning::Unreachable)),
            Err(e) => Err(e),
        }
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        None
    }
}

static DECLARATION: Declaration = Declaration {
    kind: ChannelKind::WechatV2,
    fields: &[],
    methods: &[
        MethodSpec { method: Method::WechatNative, min: 1, max: 1_000_000, needs: &[] },
        MethodSpec { method: Method::WechatH5, min: 1, max: 1_000_000, needs: &[] },
        MethodSpec { method: Method::WechatJsapi, min: 1, max: 1_000_000, needs: &["openid"] },
        MethodSpec { method: Method::WechatMicropay, min: 1, max: 1_000_000, needs: &["auth_code"] },
    ],
    production_url: "https://provider.example",
    capabilities: Capabilities { query: true, close: true, refund: true, refund_query: true, bill: false },
    limits: Limits { code_lifetime_s: 7200, min_lifetime_s: 60, close_delay_s: 0 },
};

impl ChannelFactory for Provider {
    fn open(&self, account: &ChannelAccount) -> Result<Arc<dyn Channel>, ChannelError> {
        Ok(Arc::new(Self(self.0.clone(), Some(account.record.channel_id.to_string()))))
    }

    fn declaration(&self, kind: ChannelKind) -> Option<&'static Declaration> {
        (kind == ChannelKind::WechatV2).then_some(&DECLARATION)
    }
}
