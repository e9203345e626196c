//! The payer's side: the page's data, and starting a payment. The token in the address is the only right that is needed.

use crate::model::UiError;
use crate::model::views::checkout::{Ask, CheckoutView};
use leptos::prelude::*;

/// The page of a token; `None` for an unknown one. Where nothing is left to choose, it starts the payment, or sends the
/// browser to the provider's page that tells who pays.
///
/// Not a server function: only a page being rendered asks for it.
///
/// # Errors
/// Storage errors, as `Unavailable` or `Internal`.
pub async fn load_checkout(token: String, ask: Ask) -> Result<Option<CheckoutView>, UiError> {
    #[cfg(feature = "ssr")]
    {
        super::checkout_start::load(&token, ask).await
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = (token, ask);
        Err(UiError::Transport)
    }
}

/// Starts a payment, or takes up the one that still serves, and shows the page again.
///
/// # Errors
/// `NotFound` for an unknown token; what the core says about the method.
#[server(prefix = "/rpc", endpoint = "checkout_start")]
pub async fn start_payment(
    token: String,
    method: String,
    #[server(default)] user_name: String,
    #[server(default)] id_no: String,
    #[server(default)] phone: String,
) -> Result<(), UiError> {
    use super::checkout_start as page;
    let facts = [("user_name", user_name), ("id_no", id_no), ("phone", phone)];
    let result = page::start(&token, &method, facts).await;
    page::show_again(&token, result)
}
