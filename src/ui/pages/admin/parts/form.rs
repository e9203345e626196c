//! Forms that post to server functions. A failed one comes back to its page with the error in the address, which anybody
//! can write: it is shown as text and proves nothing.

use crate::model::UiError;
use crate::ui::components::{ErrorSummary, field_error};
use crate::ui::i18n::{Lang, lang, t, t_of, t_with};
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos::server_fn::ServerFn;
use leptos::server_fn::error::ServerFnUrlError;

/// Where a form of this function posts to.
pub fn path_of<S: ServerFn>() -> &'static str {
    S::PATH
}

/// What went wrong with the last post to this function, if that is why we are here.
pub fn failure<S: ServerFn>() -> Option<UiError> {
    let error = use_context::<ServerActionError>()?;
    (error.path() == S::PATH).then(|| ServerFnUrlError::<UiError>::decode_err(error.err())).map(localized)
}

/// The error above the form.
pub fn form_failure(error: &Option<UiError>) -> AnyView {
    let named = error.clone().map(|error| match error {
        UiError::Invalid { field, rule } => {
            let label = field.trim_start_matches("credentials[").trim_end_matches(']');
            UiError::Invalid { field: family("panel-field", label).unwrap_or_else(|| label.to_owned()), rule }
        }
        other => other,
    });
    view! { <ErrorSummary error=named/> }.into_any()
}

/// Puts the core's English rules and reasons into the page's language where we have them.
pub fn localized(error: UiError) -> UiError {
    match error {
        UiError::Invalid { field, rule } => UiError::Invalid { field, rule: rule_text(&rule) },
        UiError::Conflict { reason } => UiError::Conflict { reason: rule_text(&reason) },
        other => other,
    }
}

fn rule_text(rule: &str) -> String {
    if let Some(most) = rule.strip_prefix("must be at most ") {
        return t_with("panel-rule-at-most", &[("most", most.into())]);
    }
    match lang() {
        Lang::En => rule.to_owned(),
        Lang::Zh => family("panel-rule", &slug(rule)).unwrap_or_else(|| rule.to_owned()),
    }
}

/// A member of a family, where the family has it.
fn family(name: &'static str, member: &str) -> Option<String> {
    let plain = member.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let text = if plain { t_in_family(name, member) } else { String::new() };
    (plain && !member.is_empty() && text != format!("{name}-{member}")).then_some(text)
}

fn t_in_family(name: &'static str, member: &str) -> String {
    match name {
        "panel-rule" => t_of("panel-rule", member),
        _ => t_of("panel-field", member),
    }
}

/// `must be 1 to 64 characters` → `must-be-1-to-64-characters`
fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

fn label_of(name: &str, label: Option<String>) -> String {
    label.unwrap_or_else(|| t_of("panel-field", name))
}

/// One line of text. The label is the field's text in the family `panel-field` unless given.
#[component]
pub fn TextField(
    name: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional)] kind: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] maxlength: Option<i32>,
    #[prop(optional_no_strip)] error: Option<UiError>,
) -> impl IntoView {
    let (help, wrong) = (help.filter(|h| !h.is_empty()), field_error(error.as_ref(), name));
    let kind = if kind.is_empty() { "text" } else { kind };
    let input = view! {
        <input
            id=name
            name=name
            type=kind
            value=value
            required=required
            autocomplete=autocomplete.unwrap_or("off")
            maxlength=maxlength
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described(name, help.is_some(), wrong.is_some())
        />
    };
    field(name, label_of(name, label), help, wrong, input.into_any())
}

/// A password: never filled in by us.
#[component]
pub fn PasswordField(
    name: &'static str,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional)] is_new: bool,
    #[prop(optional_no_strip)] error: Option<UiError>,
) -> impl IntoView {
    let autocomplete = if is_new { "new-password" } else { "current-password" };
    let help = help.unwrap_or_default();
    view! { <TextField name=name kind="password" required=true autocomplete=autocomplete help=help maxlength=128 error=error/> }
        .into_any()
}

/// Several lines: keys, certificates.
#[component]
pub fn LongField(
    #[prop(into)] name: String,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] wrong: Option<String>,
) -> impl IntoView {
    let (help, wrong) = (help.filter(|h| !h.is_empty()), wrong.filter(|w| !w.is_empty()));
    let area = view! {
        <textarea
            id=name.clone()
            name=name.clone()
            rows="4"
            required=required
            spellcheck="false"
            autocomplete="off"
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described(&name, help.is_some(), wrong.is_some())
        >
            {value}
        </textarea>
    };
    field(&name, label_of(&name, label), help, wrong, area.into_any())
}

/// One of several. `any` is the text of the empty choice, where there is one.
#[component]
pub fn ChoiceField(
    #[prop(into)] name: String,
    /// Value and text.
    options: Vec<(String, String)>,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] any: Option<String>,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional, into)] wrong: Option<String>,
) -> impl IntoView {
    let (help, wrong) = (help.filter(|h| !h.is_empty()), wrong.filter(|w| !w.is_empty()));
    let option = |(id, text): (String, String)| {
        let selected = id == value;
        view! { <option value=id selected=selected>{text}</option> }
    };
    let select = view! {
        <select
            id=name.clone()
            name=name.clone()
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described(&name, help.is_some(), wrong.is_some())
        >
            {any.map(|text| view! { <option value="">{text}</option> })}
            {options.into_iter().map(option).collect_view()}
        </select>
    };
    field(&name, label_of(&name, label), help, wrong, select.into_any())
}

/// Yes or no.
#[component]
pub fn SwitchField(
    #[prop(into)] name: String,
    on: bool,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] help: Option<String>,
) -> impl IntoView {
    let label = label_of(&name, label);
    view! {
        <div class="field">
            <label class="switch">
                <input type="checkbox" name=name value="true" checked=on/>
                <span>{label}</span>
            </label>
            {help.map(|text| view! { <p class="field-help">{text}</p> })}
        </div>
    }
    .into_any()
}

/// Label above, help below, the broken rule in place.
pub fn field(name: &str, label: String, help: Option<String>, wrong: Option<String>, control: AnyView) -> AnyView {
    let class = if wrong.is_some() { "field has-error" } else { "field" };
    view! {
        <div class=class>
            <label class="field-label" for=name.to_owned()>{label}</label>
            {control}
            {help.map(|text| view! { <p class="field-help" id=format!("{name}-help")>{text}</p> })}
            {wrong.map(|text| view! { <p class="field-error" id=format!("{name}-error")>{text}</p> })}
        </div>
    }
    .into_any()
}

pub fn described(name: &str, has_help: bool, is_wrong: bool) -> Option<String> {
    let ids: Vec<String> = [(has_help, "help"), (is_wrong, "error")]
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, end)| format!("{name}-{end}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// The button that sends a form, and the way back.
#[component]
pub fn FormFoot(
    #[prop(into)] label: String,
    #[prop(optional, into)] back: Option<String>,
    #[prop(optional)] danger: bool,
) -> impl IntoView {
    let class = if danger { "button is-danger" } else { "button is-primary" };
    view! {
        <div class="form-foot">
            <button class=class type="submit">{label}</button>
            {back.map(|href| view! { <a class="button is-plain" href=href>{t("panel-cancel")}</a> })}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_become_keys() {
        assert_eq!(slug("must be 1 to 64 characters, no more."), "must-be-1-to-64-characters-no-more");
        assert_eq!(slug("…"), "");
    }
}
