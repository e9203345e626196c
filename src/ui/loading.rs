//! How a page waits for its data: on the server, before the first byte leaves, so that status, redirects and forms are right
//! without scripts.

use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// Loads, then shows.
///
/// The `Suspend` is no closure: `Suspense` would call one, and so draw the page, once more for each time it looks for
/// resources.
pub fn loading<T>(load: impl Future<Output = T> + Send + 'static, show: impl FnOnce(T) -> AnyView + Send + 'static) -> AnyView
where
    T: Serialize + DeserializeOwned + Send + Sync + Clone + 'static,
{
    let data = OnceResource::new_blocking(load);
    let content = Suspend::new(async move { show(data.await) });
    view! { <Suspense>{content}</Suspense> }.into_any()
}
