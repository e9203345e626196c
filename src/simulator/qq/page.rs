//! What a browser gets behind a code: the way into the wallet. Opened inside QQ the real ones start the payment.

use super::play::Wallet;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// `/qr/{id}` and the jump page with a token: both lead to the wallet, which knows what to say about the code.
pub async fn into_wallet(State(wallet): State<Arc<Wallet>>, OriginalUri(uri): OriginalUri) -> Response {
    let link = format!("{}{}", wallet.stage.origin(), uri.path_and_query().map_or("/", |path| path.as_str()));
    Redirect::to(&wallet.stage.wallet_url(&link)).into_response()
}
