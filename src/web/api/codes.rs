//! The codes that merchants see, each with its HTTP status, and the way from the core's errors to them.

use crate::pay::Error;
use crate::pay::store::{StoreError, Unique};
use axum::http::StatusCode;
use serde_json::{Value, json};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:ident;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $($(#[$doc])* $name),+
        }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            #[must_use]
            pub fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status),+ }
            }
        }
    };
}

codes! {
    Done = "000000", OK;
    FieldMissing = "280001", BAD_REQUEST;
    FieldInvalid = "280002", BAD_REQUEST;
    BadSignature = "280101", UNAUTHORIZED;
    StaleTimestamp = "280102", UNAUTHORIZED;
    NonceSeen = "280103", UNAUTHORIZED;
    UnknownApp = "280104", UNAUTHORIZED;
    OrderNotFound = "280201", NOT_FOUND;
    NumberInUse = "280202", CONFLICT;
    OrderPaid = "280203", CONFLICT;
    OrderClosed = "280204", CONFLICT;
    MethodUnavailable = "280301", UNPROCESSABLE_ENTITY;
    AmountLimits = "280302", UNPROCESSABLE_ENTITY;
    RefundTooMuch = "280401", UNPROCESSABLE_ENTITY;
    RefundNotFound = "280402", NOT_FOUND;
    OrderNotPaid = "280403", CONFLICT;
    ProviderRefused = "280501", UNPROCESSABLE_ENTITY;
    ProviderUnclear = "280502", BAD_GATEWAY;
    TooManyRequests = "280601", TOO_MANY_REQUESTS;
    Internal = "280900", INTERNAL_SERVER_ERROR;
}

/// What goes wrong in a call: a code, a sentence, and facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub code: Code,
    pub message: String,
    /// Boxed, since every check returns a failure or nothing.
    pub data: Option<Box<Value>>,
    /// Where it differs from the code's own.
    pub status: Option<StatusCode>,
    pub retry_after_s: Option<u32>,
}

impl Failure {
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None, status: None, retry_after_s: None }
    }

    #[must_use]
    pub fn with(mut self, data: Value) -> Self {
        self.data = Some(Box::new(data));
        self
    }

    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new(Code::FieldMissing, format!("{field} is required")).with(json!({ "field": field, "rule": "is required" }))
    }

    #[must_use]
    pub fn invalid(field: &str, rule: &str) -> Self {
        Self::new(Code::FieldInvalid, format!("{field} {rule}")).with(json!({ "field": field, "rule": rule }))
    }

    #[must_use]
    pub fn unreadable(problem: &str) -> Self {
        Self::new(Code::FieldInvalid, problem)
    }

    #[must_use]
    pub fn too_many(seconds: u32) -> Self {
        let mut failure = Self::new(Code::TooManyRequests, format!("too many requests; try again in {seconds} s"));
        failure.retry_after_s = Some(seconds);
        failure
    }

    /// The facts, or null.
    #[must_use]
    pub fn facts(&self) -> Value {
        self.data.as_deref().cloned().unwrap_or_default()
    }

    #[must_use]
    pub fn http_status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| self.code.status())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Missing { field } => Self::missing(&field),
            Error::Invalid { field, rule } => Self::invalid(&field, &rule),
            Error::NotFound { what: "refund" } => Self::new(Code::RefundNotFound, message),
            Error::NotFound { what: "app" } => Self::new(Code::UnknownApp, message),
            Error::NotFound { .. } => Self::new(Code::OrderNotFound, message),
            Error::Differs { fields } => Self::new(Code::NumberInUse, message).with(json!({ "fields": fields })),
            Error::AlreadyPaid => Self::new(Code::OrderPaid, message),
            Error::Closed => Self::new(Code::OrderClosed, message),
            Error::MethodUnavailable => Self::new(Code::MethodUnavailable, message),
            Error::AmountLimits { min, max } => Self::new(Code::AmountLimits, message).with(json!({ "min": min, "max": max })),
            Error::RefundTooMuch { left } => Self::new(Code::RefundTooMuch, message).with(json!({ "left": left })),
            Error::NotPaid => Self::new(Code::OrderNotPaid, message),
            Error::ProviderRefused { code, message: words } => {
                Self::new(Code::ProviderRefused, message).with(json!({ "code": code, "message": words }))
            }
            Error::ProviderUnclear => Self::new(Code::ProviderUnclear, message),
            Error::TooMany { retry_after_s } => Self::too_many(retry_after_s),
            Error::Store(StoreError::Taken(Unique::Nonce)) => Self::new(Code::NonceSeen, "nonce was used before"),
            Error::Store(StoreError::Unavailable(_)) | Error::Conflict(_) => {
                tracing::error!(error = ?error, "the database did not take the change");
                let mut failure = Self::new(Code::Internal, "not available at the moment; try again");
                failure.status = Some(StatusCode::SERVICE_UNAVAILABLE);
                failure
            }
            Error::Denied | Error::Store(_) | Error::Channel(_) | Error::Internal(_) => {
                tracing::error!(error = ?error, "a call failed inside");
                Self::new(Code::Internal, "internal error; the request_id finds it in the log")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_six_digits() {
        let texts: std::collections::BTreeSet<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        assert!(texts.iter().all(|t| t.len() == 6 && t.bytes().all(|b| b.is_ascii_digit())));
    }

    #[test]
    fn causes_stay_inside() {
        let failure = Failure::from(Error::Internal("select * from secrets".into()));
        assert_eq!(failure.http_status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!failure.message.contains("select"));
        let failure = Failure::from(Error::Store(StoreError::Unavailable("disk /var full".into())));
        assert_eq!((failure.code, failure.http_status()), (Code::Internal, StatusCode::SERVICE_UNAVAILABLE));
        assert!(!failure.message.contains("disk"));
    }
}
