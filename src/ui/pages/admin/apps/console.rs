//! The test console: the text that is signed, the signature, and a command that sends the call. The form is a plain GET:
//! it changes nothing, and its fields may stand in the address.

use crate::model::views::admin::{ConsoleQuery, ConsoleView};
use crate::rpc::apps::load_console;
use crate::ui::components::CopyText;
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn ConsolePage() -> impl IntoView {
    let query = ConsoleQuery { call: at("call"), sign_type: at("sign_type"), fields: at("fields") };
    loaded(load_console(param("app_id"), query), show)
}

fn show(view: ConsoleView) -> AnyView {
    let base = format!("/admin/apps/{}", view.app.id);
    let here = format!("{base}/console");
    let same = |words: &[String]| words.iter().map(|w| (w.clone(), w.clone())).collect::<Vec<_>>();
    let calls = view.calls.iter().map(|call| {
        let href = link(&here, &[("call", call), ("sign_type", &view.sign_type)]);
        let current = (*call == view.call).then_some("page");
        view! { <a class="panel-chip" href=href aria-current=current>{call.clone()}</a> }
    });
    let bad = view
        .bad_line
        .clone()
        .map(|line| view! { <p class="panel-note is-warn">{t_with("panel-console-bad", &[("line", line.into())])}</p> });
    let copyable = |title: String, text: String, id: &'static str| {
        let copy = view! { <CopyText text=text.clone() what=title.clone()/> };
        section(title, view! { <div class="code" data-testid=id><pre tabindex="0">{text}</pre>{copy}</div> })
    };
    let body = view! {
        <p class="soft">{t("panel-console-about")}</p>
        <nav class="row" aria-label=t("panel-console-call")>{calls.collect_view()}</nav>
        <form method="get" action=here.clone() class="form">
            <input type="hidden" name="call" value=view.call.clone()/>
            <ChoiceField name="sign_type" options=same(&view.sign_types) value=view.sign_type.clone()/>
            <LongField name="fields" value=view.fields.clone() help=t("panel-console-fields-help")/>
            <FormFoot label=t("panel-console-sign") back=base/>
        </form>
        {bad}
        {copyable(t("panel-console-text"), view.text, "text")}
        {copyable(t("panel-console-signature"), view.sign, "sign")}
        {copyable(t("panel-console-curl"), view.curl, "curl")}
    };
    page(format!("{} · {}", view.app.name, t("panel-console")), (), body)
}
