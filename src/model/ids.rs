//! Identifiers as types: a value of the type has the right shape.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A text that is not an identifier of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid {0}")]
pub struct IdError(pub &'static str);

/// A 26-character ULID in `[0-9A-Z]`: inside every provider's rules for order numbers.
fn is_number(text: &str) -> bool {
    text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
}

fn is_prefixed(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| (8..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the text of one.
            ///
            /// # Errors
            /// When the text has another shape.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(IdError($what)) }
            }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id!(
    /// Our number of an order.
    OrderNo, "order number", is_number
);
id!(
    /// Our number of one attempt to pay; the number the provider sees.
    PayNo, "payment number", is_number
);
id!(
    /// Our number of a refund.
    RefundNo, "refund number", is_number
);
id!(
    /// A merchant's application: `app_…`.
    AppId, "app id", |t| is_prefixed(t, "app_")
);
id!(
    /// One provider account of ours: `ch_…`.
    ChannelId, "channel id", |t| is_prefixed(t, "ch_")
);
id!(
    /// Money that arrived where none was awaited: `case_…`.
    CaseId, "case id", |t| is_prefixed(t, "case_")
);
id!(
    /// A webhook event: `evt_…`; the `webhook-id` of every try.
    EventId, "event id", |t| is_prefixed(t, "evt_")
);
id!(
    /// A member of staff: `staff_…`.
    StaffId, "staff id", |t| is_prefixed(t, "staff_")
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_checked() {
        assert!(OrderNo::parse("01JD3ZQ8K7M4N5P6Q7R8S9T0VW").is_ok());
        for bad in ["", "01jd3zq8k7m4n5p6q7r8s9t0vw", "01JD3ZQ8K7M4N5P6Q7R8S9T0V", "01JD3ZQ8K7M4N5P6Q7R8S9T0V'"] {
            assert!(OrderNo::parse(bad).is_err(), "{bad}");
        }
        assert!(AppId::parse("app_01jd3zq8k7m4n5p6q7r8s9t0vw").is_ok());
        assert!(AppId::parse("ch_01jd3zq8k7m4n5p6q7r8s9t0vw").is_err());
    }
}
