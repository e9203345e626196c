//! What a kind of channel says of itself: credential fields, methods, limits. Data only.

use crate::model::{ChannelKind, Method};
use serde::Serialize;

/// What a kind of channel needs and can do. Drives the form, the check button and the documents.
#[derive(Debug, Serialize)]
pub struct Declaration {
    pub kind: ChannelKind,
    pub fields: &'static [Field],
    pub methods: &'static [MethodSpec],
    /// Production origin, shown as the default of `gateway_url`.
    pub production_url: &'static str,
    pub capabilities: Capabilities,
    /// The provider's own limits, seconds.
    pub limits: Limits,
}

impl Declaration {
    #[must_use]
    pub fn method(&self, method: Method) -> Option<&'static MethodSpec> {
        self.methods.iter().find(|m| m.method == method)
    }
}

/// One credential field. `label` and `help` are `(zh, en)`.
#[derive(Debug, Serialize)]
pub struct Field {
    pub name: &'static str,
    pub label: (&'static str, &'static str),
    pub help: (&'static str, &'static str),
    pub required: bool,
    pub secret: bool,
    pub input: Input,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "options")]
pub enum Input {
    Text,
    /// Multi-line: keys and certificates as PEM or base64.
    Pem,
    /// A binary file as base64.
    File,
    Choice(&'static [&'static str]),
}

#[derive(Debug, Serialize)]
pub struct MethodSpec {
    pub method: Method,
    /// Fen.
    pub min: i64,
    pub max: i64,
    /// Facts that the order or the call must bring.
    pub needs: &'static [&'static str],
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Capabilities {
    pub query: bool,
    pub close: bool,
    pub refund: bool,
    pub refund_query: bool,
    pub bill: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Limits {
    /// How long a code or link lives at the most.
    pub code_lifetime_s: i64,
    /// The shortest life the provider accepts for a payment.
    pub min_lifetime_s: i64,
    /// How long after the start closing is refused.
    pub close_delay_s: i64,
}
