//! QQ Wallet: XML with MD5 (provider's documents: QQ 钱包商户接口).
//!
//! `sign` knows signatures, `codes` the meaning of error codes, `wire` what replies mean, `order` what an order consists of,
//! `notice` the provider's notices; this file only asks and judges. Calls that give money back go to a second host with the
//! merchant's TLS certificate and name an operator with a password. Orders paid by bar code are reversed instead of closed.

mod bill;
mod codes;
mod declaration;
mod notice;
mod order;
pub mod sign;
mod wire;

use super::credentials::wrong;
use super::gateway::Gateway;
use super::http::{Call, Http, Patience, Reply};
use super::registry::{Provider, Setup};
use super::shanghai;
use super::xml::{self, Map};
use crate::model::Method;
use crate::pay::channel::{
    Answer, Bill, Bills, Channel, ChannelError, CheckMeaning, CheckReport, Closing, NextStep, NoticeError, NoticeFact,
    NoticeKind, NoticeOutcome, PaymentRef, RawNotice, RefundRequest, Remote, RemoteRefund, RotatingKeys, SignIn, StartRequest,
    Started,
};
use crate::pay::{Secret, World};
use async_trait::async_trait;
use codes::refusal;
use std::sync::Arc;
use wire::{Account, Doubt, Verdict, text};

const PRODUCTION: &str = "https://qpay.qq.com";
/// The host of everything that gives money back.
const SECURE: &str = "https://api.qpay.qq.com";
/// How long after a bar-code payment a reversal must wait (provider's document: 提交付款码支付).
const REVERSE_DELAY_MS: i64 = 5 * 60 * 1000;

pub const PROVIDER: Provider = Provider { declaration: &declaration::DECLARATION, open };

struct Qq {
    account: Account,
    http: Http,
    /// With the merchant's certificate, where there is one.
    secure: Option<Http>,
    gateway: Gateway,
    world: World,
}

fn open(setup: &Setup<'_>) -> Result<Arc<dyn Channel>, ChannelError> {
    let fields = &setup.fields;
    let mch_id = fields.required("mch_id")?.to_owned();
    let secret = |name| fields.optional(name).map(|value| Secret::new(value.to_owned()));
    let account = Account {
        key: Secret::new(fields.required("key")?.to_owned()),
        appid: fields.optional("appid").map(str::to_owned),
        app_key: secret("app_key"),
        op_user_id: fields.optional("op_user_id").unwrap_or(&mch_id).to_owned(),
        op_user_passwd: fields.optional("op_user_passwd").map(|given| Secret::new(sign::operator_password(given))),
        mch_id,
    };
    let identity = fields.identity("client_cert_pem", "client_key_pem")?;
    let secure = identity.map(|identity| setup.http(Some(&identity))).transpose()?;
    let (http, gateway, world) = (setup.http(None)?, setup.gateway.clone(), setup.world.clone());
    Ok(Arc::new(Qq { account, http, secure, gateway, world }))
}

/// One of the provider's operations.
struct Operation {
    name: &'static str,
    host: &'static str,
    path: &'static str,
    patience: Patience,
}

impl Operation {
    const fn plain(name: &'static str, path: &'static str, patience: Patience) -> Self {
        Self { name, host: PRODUCTION, path, patience }
    }

    const fn secured(name: &'static str, path: &'static str) -> Self {
        Self { name, host: SECURE, path, patience: Patience::Act }
    }

    fn is_secured(&self) -> bool {
        self.host == SECURE
    }
}

const UNIFIED_ORDER: Operation = Operation::plain("start", "/cgi-bin/pay/qpay_unified_order.cgi", Patience::Act);
const MICROPAY: Operation = Operation::plain("micropay", "/cgi-bin/pay/qpay_micro_pay.cgi", Patience::Act);
const ORDER_QUERY: Operation = Operation::plain("query", "/cgi-bin/pay/qpay_order_query.cgi", Patience::Query);
const CLOSE_ORDER: Operation = Operation::plain("close", "/cgi-bin/pay/qpay_close_order.cgi", Patience::Act);
const REVERSE: Operation = Operation::secured("reverse", "/cgi-bin/pay/qpay_reverse.cgi");
const REFUND: Operation = Operation::secured("refund", "/cgi-bin/pay/qpay_refund.cgi");
const REFUND_QUERY: Operation = Operation::plain("refund_query", "/cgi-bin/pay/qpay_refund_query.cgi", Patience::Query);

const TRADE_BILL: Operation = Operation::plain("bill", "/cgi-bin/sp_download/qpay_mch_statement_down.cgi", Patience::Act);
/// From ten o'clock of the next day a bill is there, if there is one.
const BILL_READY_MS: i64 = (24 + 10) * 60 * 60 * 1000;

fn fields<const N: usize>(pairs: [(&str, String); N]) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The provider's number of an order where we know it, else ours, which it forgets thirty days after the payment.
fn order_key(provider_trade_no: Option<&String>, pay_no: &str) -> (&'static str, String) {
    match provider_trade_no {
        Some(number) if !number.is_empty() => ("transaction_id", number.clone()),
        _ => ("out_trade_no", pay_no.to_owned()),
    }
}

impl Qq {
    async fn send(&self, operation: &Operation, fields: Map) -> Result<Reply, ChannelError> {
        let http = match (&self.secure, operation.is_secured()) {
            (Some(secure), true) => secure,
            // A local gateway may do without; the provider's own hosts never do.
            (None, true) if self.gateway.is_production() => {
                return Err(wrong("client_cert_pem", "is required for refunds and reversals"));
            }
            _ => &self.http,
        };
        let body = self.account.request(self.world.number(), fields);
        let url = self.gateway.url(&format!("{}{}", operation.host, operation.path));
        http.send(Call::post(operation.name, operation.patience, url, "text/xml; charset=utf-8", body.as_bytes())).await
    }

    async fn ask(&self, operation: &Operation, fields: Map) -> Result<Verdict, ChannelError> {
        let reply = self.send(operation, fields).await?;
        Ok(wire::judge(&reply, &self.account, operation.is_secured())?)
    }

    /// Who gives the money back.
    fn operator(&self) -> Result<[(&'static str, String); 2], ChannelError> {
        let password = self.account.op_user_passwd.as_ref();
        let password = password.ok_or_else(|| wrong("op_user_passwd", "is required for refunds and reversals"))?;
        Ok([("op_user_id", self.account.op_user_id.clone()), ("op_user_passwd", password.expose().clone())])
    }

    async fn start_micropay(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        match self.ask(&MICROPAY, order::micropay(request)?).await? {
            Verdict::Yes(reply) => {
                if text(&reply, "out_trade_no") != Some(request.pay_no.as_str()) {
                    return Err(ChannelError::Unclear("the reply is about another order".to_owned()));
                }
                match text(&reply, "trade_state") {
                    None | Some("SUCCESS") => {
                        let paid = wire::paid(&reply).map_err(ChannelError::Unclear)?;
                        Ok(Started { paid: Some(paid), ..Started::step(NextStep::Done) })
                    }
                    Some("USERPAYING") => Ok(Started::step(NextStep::Wait)),
                    Some(state) => Err(ChannelError::Unclear(format!("accepted in state {state}"))),
                }
            }
            Verdict::No { code, .. } if codes::PAYING.contains(&code.as_str()) => Ok(Started::step(NextStep::Wait)),
            Verdict::No { code, message, .. } => Err(codes::start_refusal(code, message)),
        }
    }

    /// Takes a bar-code payment back, whatever becomes of it meanwhile: unpaid it is closed, paid the money returns.
    async fn reverse(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let [operator, password] = self.operator()?;
        let key = order_key(payment.provider_trade_no.as_ref(), &payment.pay_no);
        let again = |reply: &Map| text(reply, "recall") == Some("Y");
        match self.ask(&REVERSE, fields([key, operator, password])).await? {
            Verdict::Yes(reply) if again(&reply) => Ok(Closing::NotYet("the reversal must be repeated".to_owned())),
            Verdict::Yes(_) => Ok(Closing::Closed),
            Verdict::No { code, .. } if codes::OVER.contains(&code.as_str()) => Ok(Closing::Closed),
            Verdict::No { code, message, fields } if again(&fields) || codes::PAYING.contains(&code.as_str()) => {
                Ok(Closing::NotYet(format!("{code} {message}")))
            }
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    async fn close_order(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        match self.ask(&CLOSE_ORDER, fields([("out_trade_no", payment.pay_no.clone())])).await? {
            Verdict::Yes(_) => Ok(Closing::Closed),
            Verdict::No { code, message, .. } => match code.as_str() {
                code if codes::OVER.contains(&code) => Ok(Closing::Closed),
                code if codes::PAID.contains(&code) => Ok(Closing::AlreadyPaid),
                code if codes::PAYING.contains(&code) => Ok(Closing::NotYet(format!("{code} {message}"))),
                _ => Err(refusal(code, message)),
            },
        }
    }
}

#[async_trait]
impl Channel for Qq {
    async fn start(&self, request: &StartRequest) -> Result<Started, ChannelError> {
        if request.method == Method::QqMicropay {
            return self.start_micropay(request).await;
        }
        match self.ask(&UNIFIED_ORDER, order::unified(request, &self.account)?).await? {
            Verdict::Yes(reply) => order::opened(&reply, request, &self.account, self.world.number()),
            Verdict::No { code, message, .. } => Err(codes::start_refusal(code, message)),
        }
    }

    async fn query(&self, payment: &PaymentRef) -> Result<Remote, ChannelError> {
        let key = order_key(payment.provider_trade_no.as_ref(), &payment.pay_no);
        match self.ask(&ORDER_QUERY, fields([key])).await? {
            Verdict::Yes(reply) => wire::remote(&reply, payment),
            Verdict::No { code, .. } if codes::NO_ORDER.contains(&code.as_str()) => Ok(Remote::Unknown),
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    /// The provider's documents (关闭订单, 撤销订单) want a query first; what it says may be the end already.
    async fn close(&self, payment: &PaymentRef) -> Result<Closing, ChannelError> {
        let is_bar = payment.method == Method::QqMicropay;
        let too_early = is_bar && payment.now_ms - payment.created_at < REVERSE_DELAY_MS;
        match self.query(payment).await? {
            Remote::Paid(_) => Ok(Closing::AlreadyPaid),
            Remote::Closed | Remote::Failed { .. } => Ok(Closing::Closed),
            // A bar code's first try may still be on its way.
            Remote::Unknown if !too_early => Ok(Closing::Closed),
            _ if too_early => Ok(Closing::NotYet("a bar-code payment can be reversed after 5 min".to_owned())),
            _ if is_bar => self.reverse(payment).await,
            _ => self.close_order(payment).await,
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let [operator, password] = self.operator()?;
        let asked = fields([
            order_key(request.provider_trade_no.as_ref(), &request.pay_no),
            ("out_refund_no", request.refund_no.clone()),
            ("refund_fee", request.amount.fen().to_string()),
            operator,
            password,
        ]);
        match self.ask(&REFUND, asked).await? {
            Verdict::Yes(reply) => {
                if text(&reply, "out_refund_no") != Some(request.refund_no.as_str()) {
                    return Err(ChannelError::Unclear("the reply is about another refund".to_owned()));
                }
                if wire::fen(&reply, "refund_fee") != Some(request.amount) {
                    return Err(ChannelError::Unclear("the reply states another amount".to_owned()));
                }
                // Accepted, not done; and no notice will come.
                Ok(RemoteRefund::Processing { provider_refund_no: text(&reply, "refund_id").map(str::to_owned) })
            }
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    async fn query_refund(&self, request: &RefundRequest) -> Result<RemoteRefund, ChannelError> {
        let mut asked = fields([("out_refund_no", request.refund_no.clone())]);
        // Needed thirty days after the payment; before that it does no harm, since the refund's own number goes first.
        if let Some(number) = request.provider_trade_no.as_ref().filter(|n| !n.is_empty()) {
            asked.insert("transaction_id".to_owned(), number.clone());
        }
        match self.ask(&REFUND_QUERY, asked).await? {
            Verdict::Yes(reply) => wire::remote_refund(&reply, request),
            Verdict::No { code, .. } if codes::NO_REFUND.contains(&code.as_str()) => Ok(RemoteRefund::Unknown),
            Verdict::No { code, message, .. } => Err(refusal(code, message)),
        }
    }

    fn read_notice(&self, raw: &RawNotice<'_>) -> Result<Vec<NoticeFact>, NoticeError> {
        match raw.kind {
            NoticeKind::Pay => notice::payment(raw.body, &self.account),
            NoticeKind::Refund | NoticeKind::Audit => {
                Err(NoticeError::Unreadable("this provider sends no such notice".to_owned()))
            }
        }
    }

    fn answer(&self, _kind: NoticeKind, outcome: NoticeOutcome) -> Answer {
        notice::answer(outcome)
    }

    async fn check(&self) -> Result<CheckReport, ChannelError> {
        let number = self.world.number();
        let asked = format!("{} out_trade_no={number}", ORDER_QUERY.path);
        let report = |meaning, answered: String| CheckReport { ok: meaning == CheckMeaning::Works, asked, answered, meaning };
        let reply = match self.send(&ORDER_QUERY, fields([("out_trade_no", number)])).await {
            Ok(reply) => reply,
            Err(error) => return Ok(report(CheckMeaning::Unreachable, error.to_string())),
        };
        Ok(match wire::judge(&reply, &self.account, false) {
            Ok(Verdict::Yes(_)) => report(CheckMeaning::Works, "SUCCESS".to_owned()),
            Ok(Verdict::No { code, message, .. }) => report(meaning(&code), format!("{code} {message}")),
            Err(Doubt::BadSignature) => {
                report(CheckMeaning::TheirSignatureWrong, ChannelError::from(Doubt::BadSignature).to_string())
            }
            Err(doubt) => report(CheckMeaning::Other, ChannelError::from(doubt).to_string()),
        })
    }

    fn sign_in(&self) -> Option<&dyn SignIn> {
        None
    }

    fn rotating_keys(&self) -> Option<&dyn RotatingKeys> {
        None
    }

    fn bills(&self) -> Option<&dyn Bills> {
        Some(self)
    }
}

#[async_trait]
impl Bills for Qq {
    async fn bill(&self, day: &str) -> Result<Bill, ChannelError> {
        let begin = shanghai::parse_spaced(&format!("{day} 00:00:00"));
        let Some(begin) = begin else { return Err(refusal("PARAM_ERROR".to_owned(), format!("{day} is no day"))) };
        let asked = fields([("bill_date", day.replace('-', "")), ("bill_type", "ALL".to_owned())]);
        let reply = self.send(&TRADE_BILL, asked).await?;
        if reply.status != 200 || reply.is_html() {
            return Err(ChannelError::Unclear(format!("no bill came (HTTP {})", reply.status)));
        }
        if reply.body.trim_ascii_start().first() != Some(&b'<') {
            return bill::read(reply.body, &self.account).map_err(ChannelError::Unclear);
        }
        // A refusal: a bill itself is no XML. It may be signed or not, and no list of its codes is published.
        let fields = xml::read(&reply.body, "xml").map_err(|problem| ChannelError::Unclear(problem.to_string()))?;
        let message = text(&fields, "retmsg").or(text(&fields, "return_msg")).unwrap_or_default().to_owned();
        match codes::of_message(&message) {
            Some(code) => Err(refusal(code.to_owned(), message)),
            None if codes::is_no_bill(&message) && self.world.now_ms() >= begin + BILL_READY_MS => {
                Ok(Bill { lines: Vec::new(), raw: reply.body })
            }
            None => {
                let code = text(&fields, "retcode").unwrap_or("NO_BILL").to_owned();
                Err(ChannelError::Refused { code, message })
            }
        }
    }
}

fn meaning(code: &str) -> CheckMeaning {
    match code {
        code if codes::NO_ORDER.contains(&code) => CheckMeaning::Works,
        "SIGNERROR" => CheckMeaning::OurSignatureRefused,
        "APPID_NOT_EXIST" | "MCHID_NOT_EXIST" | "APPID_MCHID_NOT_MATCH" => CheckMeaning::UnknownAccount,
        "NOAUTH" => CheckMeaning::NotPermitted,
        _ => CheckMeaning::Other,
    }
}

#[cfg(test)]
mod tests;
