//! The API reference: what the program itself knows, for the page that says it. Texts are in the reader's language; what
//! stands between backticks in them is code.

use crate::model::Method;

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocsView {
    /// What the addresses of calls begin with, without a slash at the end.
    pub origin: String,
    /// The largest body of a call, KiB.
    pub body_kib: i64,
    /// The longest address of a `/cashier` link, KiB.
    pub link_kib: i64,
    /// Fields of every call.
    pub common: Vec<FieldDoc>,
    pub calls: Vec<CallDoc>,
    /// The key that signs the examples; no app has it.
    pub example_key: &'static str,
    /// An order.
    pub request: SignedDoc,
    /// The answer to it.
    pub answer: SignedDoc,
    /// The same order as a link.
    pub link: String,
    /// What the `next` of a payment can be: its type, and an example as JSON.
    pub next: Vec<(String, String)>,
    /// What is appended to a `return_url`, without `sign`.
    pub return_fields: Vec<&'static str>,
    pub webhook: WebhookDoc,
    /// Gaps between the tries of a webhook, seconds.
    pub webhook_gaps_s: Vec<i64>,
    /// Objects by their names, as JSON.
    pub objects: Vec<(&'static str, String)>,
    /// Fields of objects that hold one of a few words, with these.
    pub words: Vec<(&'static str, Vec<&'static str>)>,
    pub methods: Vec<MethodDoc>,
    pub codes: Vec<CodeDoc>,
}

/// A field of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDoc {
    pub name: &'static str,
    pub required: bool,
    pub about: String,
    /// What it may hold, where `about` does not say so.
    pub rule: Option<String>,
}

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallDoc {
    /// Its path in one word.
    pub name: String,
    pub path: &'static str,
    pub about: String,
    pub fields: Vec<FieldDoc>,
    /// One of these must be given.
    pub one_of: &'static [&'static str],
    /// What `data` of the answer holds.
    pub answer: String,
}

/// A signed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDoc {
    /// The text that is signed.
    pub text: String,
    pub sign: String,
    /// The whole of it as it travels.
    pub message: String,
}

/// A webhook as it travels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDoc {
    /// No app has it.
    pub example_secret: &'static str,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// A way to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodDoc {
    pub method: Method,
    /// Facts that the order or the call must bring.
    pub needs: Vec<&'static str>,
}

/// A code of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDoc {
    pub code: &'static str,
    /// Of HTTP.
    pub status: u16,
    pub when: String,
}
