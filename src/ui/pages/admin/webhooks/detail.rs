//! One event: its body, every try with request and reply, and sending it again.

use crate::model::views::admin::{DeliveryRow, EventView};
use crate::rpc::webhooks::{Redeliver, load_event};
use crate::ui::components::{Badge, Moment, Tone};
use crate::ui::i18n::{t, t_of, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn WebhookPage() -> impl IntoView {
    loaded(load_event(param("event_id")), show)
}

fn show(view: EventView) -> AnyView {
    let error = failure::<Redeliver>();
    let e = &view.row;
    let again = view.may.support.then(|| {
        view! {
            <form method="post" action={path_of::<Redeliver>()}>
                <input type="hidden" name="event_id" value=e.event_id.clone()/>
                <button class="button is-small">{t("panel-redeliver")}</button>
            </form>
        }
    });
    let rows = vec![
        (t("panel-col-status"), Some(webhook_badge(e.status))),
        (t("panel-fact-event"), Some(num(&e.event_id))),
        (t("panel-col-app"), Some(app_link(&e.app))),
        (t("panel-fact-order-no"), e.order_no.as_ref().map(|no| linked_num("/admin/orders", no))),
        (t("panel-fact-about"), Some(num(&e.about))),
        (t("panel-col-address"), Some(view! { <span class="mono">{e.url.clone()}</span> }.into_any())),
        (t("panel-col-attempts"), Some(e.attempts.into_any())),
        (t("panel-fact-created"), Some(moment(e.created_at))),
        (t("panel-fact-delivered"), e.delivered_at.map(moment)),
    ];
    let tries = if view.deliveries.is_empty() {
        empty(t("panel-tries-empty"), None)
    } else {
        view! { <ol class="tries">{view.deliveries.iter().map(attempt).collect_view()}</ol> }.into_any()
    };
    let body = view! {
        {form_failure(&error)}
        {facts(rows)}
        <Raw title=t("panel-body") text=view.body.clone()/>
        {section(t("panel-tries"), tries)}
    };
    page(t_of("panel-event", e.kind.as_str()), again, body)
}

fn attempt(d: &DeliveryRow) -> AnyView {
    let badge = match d.status_code {
        Some(code) if (200..300).contains(&code) => view! { <Badge tone=Tone::Ok text=code.to_string()/> }.into_any(),
        Some(code) => view! { <Badge tone=Tone::Bad text=code.to_string()/> }.into_any(),
        None => view! { <Badge tone=Tone::Bad text=t("panel-no-reply")/> }.into_any(),
    };
    let reply = d.reply.clone().filter(|r| !r.is_empty());
    view! {
        <li>
            <p class="row">
                <strong>{t_with("panel-try", &[("number", d.attempt.into())])}</strong>
                {badge}
                <Moment at=d.at/>
                <span class="soft">{d.duration_ms}" ms"</span>
            </p>
            {d.error.clone().map(|e| view! { <p class="bad">{e}</p> })}
            <Raw title=t("panel-request") text=d.request_headers.clone()/>
            {reply.map(|text| view! { <Raw title=t("panel-reply") text=text/> })}
        </li>
    }
    .into_any()
}
