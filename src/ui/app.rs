//! The route tree. Every page is rendered as a whole before its first byte leaves, so status, headers and forms are right
//! with scripts off.

use super::pages::admin::AdminRoutes;
use super::pages::checkout::CheckoutPage;
use super::pages::missing::MissingPage;
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=MissingPage>
                <Route path=path!("/checkout/:token") view=CheckoutPage ssr=SsrMode::Async/>
                <AdminRoutes/>
            </Routes>
        </Router>
    }
}
