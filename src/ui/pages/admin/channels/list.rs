//! All channels, and the kinds a new one can be of.

use crate::model::views::admin::{ChannelRow, ChannelsView};
use crate::rpc::channels::load_channels;
use crate::ui::components::{Badge, Tone};
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn ChannelsPage() -> impl IntoView {
    loaded(load_channels(), show)
}

fn show(view: ChannelsView) -> AnyView {
    let kinds = view.kinds.iter().map(|kind| {
        let href = format!("/admin/channels/new/{}", kind.as_str());
        view! { <a class="panel-chip" href=href>{kind_name(*kind)}</a> }
    });
    let add =
        view.may.configure.then(|| section(t("panel-channel-add"), view! { <div class="row">{kinds.collect_view()}</div> }));
    let columns = vec![
        Column::new(t("panel-col-name")),
        Column::new(t("panel-col-kind")),
        Column::new(t("panel-col-app")),
        Column::new(t("panel-col-methods")),
        Column::right(t("panel-col-priority")),
        Column::right(t("panel-col-weight")),
        Column::new(t("panel-col-status")),
        Column::new(t("panel-col-updated")),
    ];
    let list = if view.rows.is_empty() {
        empty(t("panel-channels-empty"), None)
    } else {
        table(t("panel-channels"), columns, view.rows.iter().map(row).collect())
    };
    page(t("panel-channels"), (), view! { {list} {add} })
}

fn row(c: &ChannelRow) -> Vec<Cell> {
    let href = format!("/admin/channels/{}", c.channel_id);
    let app = c.app.as_ref().map(app_link).unwrap_or_else(|| t("panel-all-apps").into_any());
    let methods: Vec<String> = c.methods.iter().map(|m| method_name(Some(*m))).collect();
    let count = t_with("panel-method-count", &[("count", i64::try_from(methods.len()).unwrap_or(0).into())]);
    let state = match c.degraded.as_ref().filter(|_| c.enabled) {
        Some(d) => view! { <span title=d.reason.clone()><Badge tone=Tone::Bad text=t("panel-degraded")/></span> }.into_any(),
        None => enabled_badge(c.enabled),
    };
    vec![
        Cell::new(view! { <a href=href>{c.name.clone()}</a> }),
        Cell::new(kind_name(c.kind)),
        Cell::new(app),
        Cell::new(view! { <span title=methods.join(", ")>{count}</span> }),
        Cell::right(c.priority),
        Cell::right(c.weight),
        Cell::new(state),
        Cell::new(moment(c.updated_at)),
    ]
}
