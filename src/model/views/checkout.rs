//! What the checkout page shows.

use crate::model::routing::{Browser, Fit};
use crate::model::status::words;
use crate::model::{Amount, Brand, CaseKind, Method, RefundedPart};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

words!(
    /// The one word for what the page shows.
    CheckoutState {
        Choose = "choose",
        /// For the payer: a code to scan, a page to go on to.
        Waiting = "waiting",
        /// For the provider's word.
        Confirming = "confirming",
        Paid = "paid",
        /// The attempt, not the order.
        Failed = "failed",
        Expired = "expired",
        Closed = "closed",
    }
);

impl CheckoutState {
    /// Whether the order can still be paid.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Choose | Self::Waiting | Self::Confirming | Self::Failed)
    }
}

/// Everything that the page needs, read at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutView {
    /// The secret of the page's address.
    pub token: String,
    pub state: CheckoutState,
    /// Fen.
    pub amount: Amount,
    /// The app's name.
    pub merchant: String,
    pub subject: String,
    pub order_no: String,
    /// The merchant's number.
    pub out_order_no: String,
    /// `#rrggbb` as the merchant chose it.
    pub accent: Option<String>,
    /// The merchant's line for payers with questions.
    pub contact: Option<String>,
    /// Life left, and the whole life, in milliseconds of the server's clock.
    pub remaining_ms: i64,
    pub total_ms: i64,
    pub browser: Browser,
    /// Best first; those that cannot work here last.
    pub methods: Vec<MethodChoice>,
    /// `None` until something was tried.
    pub attempt: Option<Attempt>,
    /// The code that fits several wallets, where it is of use.
    pub one_code: Option<OneCode>,
    /// Where forms of this page lead to besides us: pages of providers that tell who the payer is.
    pub form_origins: Vec<String>,
    /// Whether this very request started the attempt, because there was nothing to choose.
    pub started_now: bool,
    /// Why starting at once did not work.
    pub start_error: Option<crate::model::UiError>,
    /// UTC ms.
    pub paid_at: Option<i64>,
    pub refund_status: RefundedPart,
    /// Fen.
    pub refunded: Amount,
    /// The signed way back, once paid.
    pub return_link: Option<String>,
    /// The merchant's page for giving up.
    pub cancel_url: Option<String>,
    /// Money that arrived where none was awaited.
    pub unexpected: Vec<UnexpectedMoney>,
}

/// One code for all: our own link, which each wallet opens in its own way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneCode {
    /// What stands in the code.
    pub link: String,
    /// The wallets that it serves, two at least.
    pub brands: Vec<Brand>,
}

/// One line of the list of methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodChoice {
    pub method: Method,
    pub fit: Fit,
    /// Facts that the payer can type in: `user_name`, `id_no`, `phone`.
    pub asks: Vec<String>,
    /// The method's own limits, fen, where the amount lies outside of them.
    pub limits: Option<(Amount, Amount)>,
}

impl MethodChoice {
    /// Whether it can be chosen here.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.fit.is_usable()
    }
}

/// The attempt that the page is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub pay_no: String,
    pub method: Method,
    /// `None` once there is nothing for the payer to do.
    pub step: Option<Step>,
    /// Life left of the code, in milliseconds; `None` when it lives as long as the order.
    pub code_remaining_ms: Option<i64>,
    /// The provider's words about a failure. Foreign text.
    pub failure: Option<String>,
}

/// What the payer does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Step {
    /// Scans a code that holds this text.
    Scan { code: String },
    /// Goes to the provider by a link.
    Follow { url: String },
    /// Goes to the provider by a form.
    Post { action: String, fields: BTreeMap<String, String> },
    /// Calls the wallet's script bridge; `params` is its JSON text.
    Invoke { bridge: String, params: String },
    /// The payer types a password elsewhere.
    Wait,
}

/// A case as the payer may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnexpectedMoney {
    pub kind: CaseKind,
    /// Fen.
    pub amount: Amount,
    /// UTC ms.
    pub at: i64,
    pub outcome: MoneyOutcome,
}

words!(
    /// Where unexpected money stands.
    MoneyOutcome {
        /// Somebody is looking at it.
        Checking = "checking",
        /// A refund is on its way.
        GoingBack = "going_back",
        /// The provider has confirmed the refund.
        WentBack = "went_back",
        /// It pays the order after all.
        Kept = "kept",
        /// Settled between merchant and payer.
        Settled = "settled",
    }
);

words!(
    /// How a payer came back who was to be signed in.
    SignInTrouble {
        /// Too late, or from elsewhere.
        State = "state",
        /// The provider did not tell.
        Refused = "refused",
    }
);

/// What the address of the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ask {
    /// The link of the code for all was opened.
    pub one: bool,
    /// Show first: nothing starts by itself.
    pub still: bool,
}
