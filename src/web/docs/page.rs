//! `/docs`, for people: gathers what the page says. How it looks is `ui::docs`.

use crate::model::views::docs::{CallDoc, CodeDoc, DocsView, FieldDoc, MethodDoc};
use crate::model::{
    CaseAnswer, CaseKind, CaseStatus, ChannelKind, CloseReason, Method, OrderStatus, PaymentStatus, RefundStatus, RefundedPart,
    VerifiedBy,
};
use crate::pay::{Cashier, RETURN_FIELDS};
use crate::ui;
use crate::ui::i18n::{Lang, choose};
use crate::web::AppState;
use crate::web::api::codes::Code;
use crate::web::api::{BODY_LIMIT, Call, Field, calls, samples, texts};
use crate::web::middleware::request::ORDER_URL_BYTES;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Html;

pub async fn page(State(state): State<AppState>, RawQuery(query): RawQuery, headers: HeaderMap) -> Html<String> {
    let lang = choose(query.as_deref().unwrap_or_default(), &headers);
    Html(ui::docs_page(lang, state.web.is_demo(), &view(lang, &state.cashier)))
}

fn view(lang: Lang, cashier: &Cashier) -> DocsView {
    let settings = cashier.settings();
    let origin = settings.public_url.as_str();
    DocsView {
        origin: origin.to_owned(),
        body_kib: kib(BODY_LIMIT),
        link_kib: kib(ORDER_URL_BYTES),
        common: calls::COMMON.into_iter().map(|(name, required)| common_doc(lang, name, required)).collect(),
        calls: calls::ALL.iter().map(|call| call_doc(lang, call)).collect(),
        example_key: samples::KEY,
        request: samples::request(),
        answer: samples::answer(origin),
        link: samples::link(origin),
        next: samples::next(),
        return_fields: RETURN_FIELDS.to_vec(),
        webhook: samples::webhook(),
        webhook_gaps_s: settings.plans.webhook_s.clone(),
        objects: samples::objects(origin),
        words: words(),
        methods: Method::ALL.iter().map(|method| method_doc(cashier, *method)).collect(),
        codes: Code::ALL.iter().map(|code| code_doc(lang, *code)).collect(),
    }
}

fn kib(bytes: usize) -> i64 {
    i64::try_from(bytes / 1024).unwrap_or(i64::MAX)
}

fn common_doc(lang: Lang, name: &'static str, required: bool) -> FieldDoc {
    FieldDoc { name, required, about: texts::common(lang, name), rule: None }
}

fn call_doc(lang: Lang, call: &Call) -> CallDoc {
    CallDoc {
        name: call.name(),
        path: call.path,
        about: texts::call(lang, call),
        fields: call.fields.iter().map(|field| field_doc(lang, call, field)).collect(),
        one_of: call.one_of,
        answer: texts::answer(lang, call),
    }
}

fn field_doc(lang: Lang, call: &Call, field: &Field) -> FieldDoc {
    let (about, rule) = (texts::field(lang, call, field), texts::rule(lang, field.kind));
    FieldDoc { name: field.name, required: field.required, about, rule: Some(rule) }
}

/// A method may be carried out by channels of several kinds.
fn method_doc(cashier: &Cashier, method: Method) -> MethodDoc {
    let kinds = ChannelKind::ALL.iter().filter_map(|kind| cashier.factory().declaration(*kind));
    let mut needs: Vec<&str> = kinds.filter_map(|kind| kind.method(method)).flat_map(|spec| spec.needs).copied().collect();
    needs.sort_unstable();
    needs.dedup();
    MethodDoc { method, needs }
}

fn code_doc(lang: Lang, code: Code) -> CodeDoc {
    CodeDoc { code: code.as_str(), status: code.status().as_u16(), when: texts::code(lang, code) }
}

/// Fields of the objects that hold one of a few words.
fn words() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("order.status", OrderStatus::ALL.iter().map(|word| word.as_str()).collect()),
        ("order.close_reason", CloseReason::ALL.iter().map(|word| word.as_str()).collect()),
        ("order.refund_status", RefundedPart::ALL.iter().map(|word| word.as_str()).collect()),
        ("payment.status", PaymentStatus::ALL.iter().map(|word| word.as_str()).collect()),
        ("payment.verified_by", VerifiedBy::ALL.iter().map(|word| word.as_str()).collect()),
        ("refund.status", RefundStatus::ALL.iter().map(|word| word.as_str()).collect()),
        ("case.kind", CaseKind::ALL.iter().map(|word| word.as_str()).collect()),
        ("case.status", CaseStatus::ALL.iter().map(|word| word.as_str()).collect()),
        ("case.answer", CaseAnswer::ALL.iter().map(|word| word.as_str()).collect()),
    ]
}
