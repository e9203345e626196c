//! Where a provider's page sends the browser after it has told who pays.

use super::asking::{Asking, Person};
use super::middleware::client::ClientAddress;
use crate::model::Method;
use crate::model::views::checkout::SignInTrouble;
use crate::pay::{Cashier, Error, SignInError};
use crate::rpc::checkout_start::{page_of, page_with};
use crate::ui::LonePage;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;

/// `GET /checkout/{token}/signed-in/{method}`: the browser comes with a code. Shows the checkout, with the payment started or
/// with what went wrong.
pub async fn back(
    State(cashier): State<Cashier>,
    Path((token, method)): Path<(String, String)>,
    Query(given): Query<BTreeMap<String, String>>,
    Extension(client): Extension<ClientAddress>,
    request: Request,
) -> Response {
    let asking = Asking::person(&request);
    let order = cashier.store().order_by_token(&token).await;
    let (Some(page), Ok(method)) = (page_of(&token), Method::parse(&method)) else {
        return asking.answer(StatusCode::NOT_FOUND, |person| LonePage::missing(person.lang), "");
    };
    let order = match order {
        Ok(Some(order)) => order,
        // The page itself says that there is no such order.
        Ok(None) => return Redirect::to(&page).into_response(),
        Err(error) => {
            tracing::error!(?error, "the order of a payer who came back could not be read");
            let page = |person: &Person| LonePage::unavailable(person.lang).again(person.again.as_deref());
            return asking.answer(StatusCode::SERVICE_UNAVAILABLE, page, "");
        }
    };
    let trouble = |word: SignInTrouble| format!("{page}?signin={word}");
    let to = match cashier.signed_in(&order, method, &given, Some(client.0.to_string())).await {
        Ok(_) => format!("{page}?go=1"),
        Err(SignInError::Start(Error::AlreadyPaid | Error::Closed)) => page.clone(),
        Err(SignInError::State) => trouble(SignInTrouble::State),
        Err(SignInError::Refused) => trouble(SignInTrouble::Refused),
        Err(SignInError::Start(error)) => page_with(&page, &error.into()).unwrap_or_else(|| trouble(SignInTrouble::Refused)),
    };
    Redirect::to(&to).into_response()
}
