//! Lists: a filter bar that is a plain GET form, a table that becomes cards on a phone, and what an empty one says.

use super::url::link;
use crate::model::Amount;
use crate::model::views::admin::Pager as Cursors;
use crate::ui::components::Pager;
use crate::ui::i18n::{t, t_with};
use crate::ui::islands::SubmitOnChange;
use leptos::prelude::*;

/// The head of a column and how it stands; its cells stand alike.
pub struct Column {
    class: &'static str,
    name: String,
}

impl Column {
    pub fn new(name: String) -> Self {
        Self { class: "", name }
    }

    /// Over [`Cell::right`].
    pub fn right(name: String) -> Self {
        Self { class: "is-right", name }
    }

    /// Over [`Cell::extra`].
    pub fn extra(name: String) -> Self {
        Self { class: "is-extra", name }
    }
}

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

    /// An amount without its sign, which the head names.
    pub fn money(amount: Amount) -> Self {
        Self::right(view! { <span class="money">{amount.display()}</span> })
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

/// Each row has a cell for each column. The caption is read out, not shown.
pub fn table(caption: String, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> AnyView {
    let head = |column: &Column| view! { <th scope="col" class=column.class>{column.name.clone()}</th> };
    let heads = columns.iter().map(head).collect_view();
    let row = |cells: Vec<Cell>| {
        let cell = |(cell, column): (Cell, &Column)| {
            view! { <td class=cell.class data-label=column.name.clone()><div>{cell.content}</div></td> }
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

/// Why nothing is here, and what to do: address and text of a link.
pub fn empty(text: String, action: Option<(String, String)>) -> AnyView {
    view! {
        <section class="empty" data-testid="empty">
            <p>{text}</p>
            {action.map(|(href, label)| view! { <p><a class="button" href=href>{label}</a></p> })}
        </section>
    }
    .into_any()
}

/// A list under its filters, with the ways to the pages beside it. `pairs` are the filters as they stand in the address,
/// `fields` the same as a form, `rows` nothing where there are none, `none` what a list without filters says then.
pub fn listing(
    path: &'static str,
    pairs: &[(&str, &str)],
    fields: AnyView,
    rows: Option<AnyView>,
    none: AnyView,
    cursors: &Cursors,
) -> AnyView {
    let active = pairs.iter().filter(|(_, value)| !value.is_empty()).count();
    let list = match rows {
        Some(rows) => rows,
        None if active > 0 => empty(t("panel-none-fit"), Some((path.to_owned(), t("panel-clear-filters")))),
        None => none,
    };
    view! {
        {filter_bar(path, active, fields)}
        {list}
        {neighbours(path, pairs, cursors)}
    }
    .into_any()
}

/// Links to the pages beside this one, under the same filters.
pub fn neighbours(path: &str, pairs: &[(&str, &str)], cursors: &Cursors) -> AnyView {
    let place = |name: &str, cursor: Option<&str>| cursor.map(|c| link(path, &[pairs, &[(name, c)]].concat()));
    view! { <Pager newer=place("after", cursors.newer.as_deref()) older=place("before", cursors.older.as_deref())/> }.into_any()
}

/// Fields of a GET form; `active` filters are counted, and one link clears them.
fn filter_bar(path: &'static str, active: usize, fields: AnyView) -> AnyView {
    let clear = (active > 0).then(|| {
        let text = t_with("panel-filters-clear", &[("count", i64::try_from(active).unwrap_or(0).into())]);
        view! { <a class="button is-small is-plain" href=path>{text}</a> }
    });
    view! {
        <form class="filters" method="get" action=path role="search" aria-label=t("panel-filters")>
            <SubmitOnChange>{fields}</SubmitOnChange>
            <div class="filters-foot">
                <button class="button is-small">{t("panel-apply")}</button>
                {clear}
            </div>
        </form>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn the_pages_beside_keep_the_filters() {
        let cursors = Cursors { newer: None, older: Some("c1".to_owned()) };
        let pairs = [("status", "paid"), ("q", "")];
        let links = Owner::new().with(|| neighbours("/admin/orders", &pairs, &cursors).to_html());
        assert!(links.contains("/admin/orders?status=paid") && links.contains("before=c1"), "{links}");
        assert!(!links.contains("after=") && !links.contains("q="), "{links}");
    }
}
