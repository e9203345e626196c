//! The states of orders, payments, refunds, cases and webhooks, and other closed sets of words, each with its one spelling.

use serde::{Deserialize, Serialize};

/// A word that is not in the set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is none of the known values")]
pub struct UnknownName(pub String);

/// A closed set of words: the text is the same in the database, the API and the pages.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Its one spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads the spelling.
            ///
            /// # Errors
            /// When the word is not in the set.
            pub fn parse(text: &str) -> Result<Self, $crate::model::UnknownName> {
                match text { $($text => Ok($name::$variant),)+ other => Err($crate::model::UnknownName(other.to_owned())) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(
    /// `created → paying → paid`, or `closed`.
    OrderStatus { Created = "created", Paying = "paying", Paid = "paid", Closed = "closed" }
);
words!(
    /// Why an order was closed: its time was up, or somebody wanted it.
    CloseReason { Expired = "expired", Merchant = "merchant", Staff = "staff" }
);
words!(
    /// How much of a paid order went back.
    RefundedPart { None = "none", Partial = "partial", Full = "full" }
);
words!(
    /// `failed` is a definite no of the provider; `closed` was closed there or never started there.
    PaymentStatus { Created = "created", Pending = "pending", Succeeded = "succeeded", Failed = "failed", Closed = "closed" }
);
words!(
    /// `created → processing → succeeded`, or `failed`, a definite no of the provider.
    RefundStatus { Created = "created", Processing = "processing", Succeeded = "succeeded", Failed = "failed" }
);
words!(
    /// What told us that a payment succeeded.
    VerifiedBy { Notice = "notice", Query = "query", Reply = "reply" }
);
words!(
    /// Why money counts as unexpected.
    CaseKind { Late = "late", Duplicate = "duplicate", AmountMismatch = "amount_mismatch", UnknownOrder = "unknown_order" }
);
words!(
    /// Whether a case still waits for its answer, or for that answer to be carried out.
    CaseStatus { Open = "open", Resolved = "resolved" }
);
words!(
    /// How a case was answered. `None`: settled outside of Cashier.
    CaseAnswer { Refund = "refund", Accept = "accept", None = "none" }
);
words!(
    /// An app's default answer to a case. `Accept` is for late money only.
    CaseRule { Refund = "refund", Accept = "accept", Ask = "ask" }
);
words!(
    /// An app's default verdict on a refund that the payer asked for at the provider.
    AuditRule { Ask = "ask", Approve = "approve", Reject = "reject" }
);
words!(
    /// A verdict on such a refund.
    AuditDecision { Approve = "approve", Reject = "reject" }
);
words!(
    /// Types of webhook events.
    EventType {
        OrderPaid = "order.paid",
        OrderClosed = "order.closed",
        RefundSucceeded = "refund.succeeded",
        RefundFailed = "refund.failed",
        CaseOpened = "case.opened",
        CaseResolved = "case.resolved",
    }
);
words!(
    /// A webhook event: waiting for its next try, delivered, or given up (and redeliverable).
    WebhookStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" }
);
words!(
    /// What a member of staff is there for. All of them may read orders, money, messages and what is set up.
    Role {
        /// Everything; only owners make owners.
        Owner = "owner",
        /// Everything but that.
        Admin = "admin",
        /// Moves money: refunds, cases, closing orders, exports, the till.
        Finance = "finance",
        /// Sends webhooks again and asks providers again, as all but viewers may.
        Support = "support",
        /// Sets up apps and channels.
        Developer = "developer",
        /// Reads only.
        Viewer = "viewer",
    }
);

impl OrderStatus {
    /// Whether the order still waits for money.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Paying)
    }
}

impl PaymentStatus {
    /// Whether the provider may still take the payer's money for it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Pending)
    }
}

impl RefundStatus {
    /// Whether the provider has not said yet what became of it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Created | Self::Processing)
    }
}

impl Role {
    /// Refunds, cases, closing orders, exports.
    #[must_use]
    pub fn may_move_money(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Finance)
    }

    /// Apps, channels and webhook settings.
    #[must_use]
    pub fn may_configure(self) -> bool {
        matches!(self, Self::Owner | Self::Admin | Self::Developer)
    }

    /// Sending a webhook again, asking the provider again.
    #[must_use]
    pub fn may_support(self) -> bool {
        self != Self::Viewer
    }

    /// Other staff.
    #[must_use]
    pub fn may_manage_staff(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}
