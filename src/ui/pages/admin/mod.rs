//! The panel: a folder per section, a file per page. Every page is a finished document with plain links and forms.

mod apps;
mod audit;
mod cases;
mod channels;
mod frame;
mod login;
mod notices;
mod orders;
mod overview;
mod parts;
mod refunds;
mod settings;
mod staff;
mod till;
mod webhooks;

use frame::AdminFrame;
use leptos::prelude::*;
use leptos_router::any_nested_route::IntoAnyNestedRoute;
use leptos_router::components::{ParentRoute, Route};
use leptos_router::{SsrMode, path};
use login::LoginPage;

/// All pages under `/admin`.
#[component(transparent)]
pub fn AdminRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/admin/login") view=LoginPage ssr=SsrMode::Async/>
        <ParentRoute path=path!("/admin") view=AdminFrame ssr=SsrMode::Async>
            <Route path=path!("") view=overview::OverviewPage/>
            <Route path=path!("settings") view=settings::SettingsPage/>
            <Route path=path!("audit") view=audit::AuditPage/>
            <MoneyRoutes/>
            <MessageRoutes/>
            <SetupRoutes/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

#[component(transparent)]
fn MoneyRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("orders") view=orders::OrdersPage/>
        <Route path=path!("orders/:order_no") view=orders::OrderPage/>
        <Route path=path!("orders/:order_no/close") view=orders::CloseOrderPage/>
        <Route path=path!("orders/:order_no/refund") view=refunds::NewRefundPage/>
        <Route path=path!("refunds") view=refunds::RefundsPage/>
        <Route path=path!("refunds/audits/:audit_id") view=refunds::RefundAuditPage/>
        <Route path=path!("refunds/:refund_no") view=refunds::RefundPage/>
        <Route path=path!("till") view=till::TillPage/>
        <Route path=path!("till/:order_no") view=till::ChargePage/>
        <Route path=path!("cases") view=cases::CasesPage/>
        <Route path=path!("cases/:case_id") view=cases::CasePage/>
        <Route path=path!("cases/:case_id/:answer") view=cases::AnswerCasePage/>
    }
    .into_inner()
    .into_any_nested_route()
}

#[component(transparent)]
fn MessageRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("webhooks") view=webhooks::WebhooksPage/>
        <Route path=path!("webhooks/redeliver") view=webhooks::RedeliverPage/>
        <Route path=path!("webhooks/:event_id") view=webhooks::WebhookPage/>
        <Route path=path!("notices") view=notices::NoticesPage/>
        <Route path=path!("notices/:id") view=notices::NoticePage/>
    }
    .into_inner()
    .into_any_nested_route()
}

#[component(transparent)]
fn SetupRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("apps") view=apps::AppsPage/>
        <Route path=path!("apps/new") view=apps::NewAppPage/>
        <Route path=path!("apps/:app_id") view=apps::AppPage/>
        <Route path=path!("apps/:app_id/keys") view=apps::FreshKeysPage/>
        <Route path=path!("apps/:app_id/rotate/:kind") view=apps::RotateKeyPage/>
        <Route path=path!("apps/:app_id/console") view=apps::ConsolePage/>
        <Route path=path!("channels") view=channels::ChannelsPage/>
        <Route path=path!("channels/new/:kind") view=channels::NewChannelPage/>
        <Route path=path!("channels/:channel_id") view=channels::ChannelPage/>
        <Route path=path!("staff") view=staff::StaffPage/>
        <Route path=path!("staff/new") view=staff::NewStaffPage/>
        <Route path=path!("staff/:staff_id") view=staff::PersonPage/>
    }
    .into_inner()
    .into_any_nested_route()
}
