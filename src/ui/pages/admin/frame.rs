//! The frame around the panel's pages: sections on the left, search and the person on top.

use super::parts::{current, path_of, role_name};
use crate::model::views::admin::FrameView;
use crate::rpc::auth::SignOut;
use crate::rpc::session::load_frame;
use crate::rpc::zone::minutes_east;
use crate::ui::components::{Icon, IconName, Zone};
use crate::ui::i18n::{LangSwitch, t};
use crate::ui::loading;
use leptos::prelude::*;
use leptos_router::components::Outlet;

/// Also sets the zone in which the pages below it show times.
#[component]
pub fn AdminFrame() -> impl IntoView {
    provide_context(Zone(minutes_east()));
    view! {
        <div class="panel">
            <a class="skip" href="#main">{t("panel-skip")}</a>
            // Who is not signed in gets no frame; the page itself sends them to the login.
            {loading(load_frame(), |frame| frame.ok().map(around).into_any())}
            <main id="main" class="panel-main" tabindex="-1">
                <Outlet/>
            </main>
        </div>
    }
    .into_any()
}

fn around(frame: FrameView) -> AnyView {
    let (manages, charges) = (frame.may.manage_staff, frame.may.move_money);
    let here = current();
    let item = |href: &'static str, icon: IconName, text: String, count: i64| {
        let inside = if href == "/admin" { here == href || here.starts_with("/admin?") } else { here.starts_with(href) };
        view! {
            <li>
                <a href=href aria-current=inside.then_some("page")>
                    <Icon name=icon/>
                    <span>{text}</span>
                    {(count > 0).then(|| view! { <span class="count">{count}</span> })}
                </a>
            </li>
        }
    };
    view! {
        <header class="panel-side">
            <a class="panel-brand" href="/admin">"Cashier"</a>
            <nav aria-label=t("panel-nav")>
                <ul>
                    {item("/admin", IconName::Overview, t("panel-overview"), 0)}
                    {item("/admin/orders", IconName::Order, t("panel-orders"), 0)}
                    {charges.then(|| item("/admin/till", IconName::Scan, t("panel-till"), 0))}
                    {item("/admin/refunds", IconName::Refund, t("panel-refunds"), 0)}
                    {item("/admin/cases", IconName::Case, t("panel-cases"), frame.open_cases)}
                    {item("/admin/webhooks", IconName::Webhook, t("panel-webhooks"), frame.failed_webhooks)}
                    {item("/admin/notices", IconName::Notice, t("panel-notices"), 0)}
                    {item("/admin/apps", IconName::Apps, t("panel-apps"), 0)}
                    {item("/admin/channels", IconName::Channel, t("panel-channels"), 0)}
                    {manages.then(|| item("/admin/staff", IconName::Staff, t("panel-staff"), 0))}
                    {manages.then(|| item("/admin/audit", IconName::Audit, t("panel-audit"), 0))}
                </ul>
            </nav>
        </header>
        <div class="panel-top">
            <form class="search" method="get" action="/admin/orders" role="search">
                <label class="visually-hidden" for="search">{t("panel-search")}</label>
                <Icon name=IconName::Search/>
                <input id="search" name="q" type="search" placeholder=t("panel-search") autocomplete="off" maxlength="64"/>
            </form>
            <div class="panel-me">
                <a href="/admin/settings" data-testid="me">
                    <Icon name=IconName::User/>
                    <span>{frame.name}</span>
                    <span class="soft">{role_name(frame.role)}</span>
                </a>
                <LangSwitch/>
                <form method="post" action={path_of::<SignOut>()}>
                    <button class="button is-small is-plain" data-testid="sign-out">{t("panel-sign-out")}</button>
                </form>
            </div>
        </div>
    }
    .into_any()
}
