//! What the overview and the list say of receivers that take nothing.

use crate::model::views::admin::FailingRow;
use crate::ui::components::Moment;
use crate::ui::i18n::{t, t_around};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

/// Each with the way to its app, where the address stands, and to what failed.
pub fn failing_note(rows: &[FailingRow]) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        view! {
            <section class="panel-note is-warn" data-testid="failing">
                <p>{t("panel-failing")}</p>
                <ul>{rows.iter().map(line).collect_view()}</ul>
            </section>
        }
        .into_any()
    })
}

fn line(row: &FailingRow) -> AnyView {
    let (before, after) = t_around("panel-failing-since", "time");
    let failed = link("/admin/webhooks", &[("status", "failed"), ("app", row.app.id.as_str())]);
    view! {
        <li>
            {app_link(&row.app)}
            " "
            <span class="mono">{row.address.clone()}</span>
            " · "
            {before}
            <Moment at=row.since/>
            {after}
            " · "
            <a href=failed>{t("panel-failing-events")}</a>
        </li>
    }
    .into_any()
}
