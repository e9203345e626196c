//! Lists: a filter bar that is a plain GET form, a table that becomes cards on a phone, and what an empty one says.

use crate::ui::i18n::t;
use crate::ui::islands::SubmitOnChange;
use leptos::prelude::*;

/// A cell and how it stands.
pub struct Cell {
    class: &'static str,
    content: AnyView,
}

impl Cell {
    pub fn new(content: impl IntoView + 'static) -> Self {
        Self { class: "", content: content.into_any() }
    }

    /// For amounts and counts.
    pub fn right(content: impl IntoView + 'static) -> Self {
        Self { class: "is-right", content: content.into_any() }
    }

    /// For what another page shows already: left out where a list is part of a page.
    pub fn extra(content: impl IntoView + 'static) -> Self {
        Self { class: "is-extra", content: content.into_any() }
    }

    /// For texts that may be long.
    pub fn wide(content: impl IntoView + 'static) -> Self {
        Self { class: "is-wide", content: content.into_any() }
    }
}

/// `columns` are the heads; a head that begins with `>` stands right, as its cells do, one with `~` belongs to extra cells.
pub fn table(caption: String, columns: Vec<String>, rows: Vec<Vec<Cell>>) -> AnyView {
    let head = |name: &String| {
        let class = match name.chars().next() {
            Some('>') => "is-right",
            Some('~') => "is-extra",
            _ => "",
        };
        view! { <th scope="col" class=class>{name.trim_start_matches(['>', '~']).to_owned()}</th> }
    };
    let heads = columns.iter().map(head).collect_view();
    let row = |cells: Vec<Cell>| {
        let cell = |(cell, name): (Cell, &String)| {
            view! { <td class=cell.class data-label=name.trim_start_matches(['>', '~']).to_owned()><div>{cell.content}</div></td> }
        };
        view! { <tr>{cells.into_iter().zip(&columns).map(cell).collect_view()}</tr> }
    };
    let body = rows.into_iter().map(row).collect_view();
    let label = caption.clone();
    view! {
        <div class="table-box">
            <div class="table-frame" tabindex="0" role="region" aria-label=label>
                <table class="table">
                    <caption class="visually-hidden">{caption}</caption>
                    <thead><tr>{heads}</tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

/// Why nothing is here, and what to do.
pub fn empty(text: String, action: Option<(String, String)>) -> AnyView {
    view! {
        <section class="empty" data-testid="empty">
            <p>{text}</p>
            {action.map(|(href, label)| view! { <p><a class="button" href=href>{label}</a></p> })}
        </section>
    }
    .into_any()
}

/// Fields of a GET form; `active` filters are counted, and one link clears them.
pub fn filter_bar(path: &'static str, active: usize, fields: AnyView) -> AnyView {
    view! {
        <form class="filters" method="get" action=path role="search" aria-label=t("panel-filters")>
            <SubmitOnChange>{fields}</SubmitOnChange>
            <div class="filters-foot">
                <button class="button is-small">{t("panel-apply")}</button>
                {(active > 0)
                    .then(|| {
                        view! {
                            <a class="button is-small is-plain" href=path>
                                {crate::ui::i18n::t_with("panel-filters-clear", &[("count", i64::try_from(active).unwrap_or(0).into())])}
                            </a>
                        }
                    })}
            </div>
        </form>
    }
    .into_any()
}
