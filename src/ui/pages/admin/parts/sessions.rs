//! Where somebody is signed in, with a button that ends it.

use super::list::{Cell, Column, table};
use super::words::moment;
use crate::model::views::admin::SessionRow;
use crate::ui::i18n::t;
use leptos::prelude::*;

/// The title is read out, not shown. The buttons post to `path`; `staff_id` goes along where the function must be told whose
/// session it is.
pub fn session_list(title: String, rows: &[SessionRow], path: &'static str, staff_id: Option<&str>) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="soft">{t("panel-sessions-none")}</p> }.into_any();
    }
    let columns =
        [t("panel-col-browser"), t("panel-col-address"), t("panel-col-signed-in"), t("panel-col-seen"), t("panel-col-action")];
    let columns = columns.map(Column::new).into();
    table(title, columns, rows.iter().map(|s| row(s, path, staff_id)).collect())
}

fn row(s: &SessionRow, path: &'static str, staff_id: Option<&str>) -> Vec<Cell> {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let action = if s.is_this {
        view! { <span class="soft">{t("panel-session-this")}</span> }.into_any()
    } else {
        let whose = staff_id.map(|id| view! { <input type="hidden" name="staff_id" value=id.to_owned()/> });
        view! {
            <form method="post" action=path>
                {whose}
                <input type="hidden" name="handle" value=s.handle.clone()/>
                <button class="button is-small">{t("panel-session-end")}</button>
            </form>
        }
        .into_any()
    };
    vec![
        Cell::new(known(&s.browser)),
        Cell::new(known(&s.address)),
        Cell::new(moment(s.signed_in_at)),
        Cell::new(moment(s.seen_at)),
        Cell::new(action),
    ]
}
