//! Forms that post to server functions. A failed one comes back to its page with the error in the address, which anybody
//! can write: it is shown as text and proves nothing.

use crate::model::UiError;
use crate::ui::components::{ErrorSummary, Field, field_error};
use crate::ui::i18n::{t, t_of};
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
    (error.path() == S::PATH).then(|| ServerFnUrlError::<UiError>::decode_err(error.err()))
}

/// The error above the form.
pub fn form_failure(error: &Option<UiError>) -> AnyView {
    view! { <ErrorSummary error=error.clone()/> }.into_any()
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
    let (invalid, described) = (wrong.is_some(), described(name, help.is_some(), wrong.is_some()));
    view! {
        <Field name=name label=label_of(name, label) help=help error=wrong>
            <input
                id=name
                name=name
                type=kind
                value=value
                required=required
                autocomplete=autocomplete.unwrap_or("off")
                maxlength=maxlength
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
            />
        </Field>
    }
    .into_any()
}

/// A password: never filled in by us.
#[component]
pub fn PasswordField(
    name: &'static str,
    #[prop(optional, into)] label: Option<String>,
    #[prop(optional, into)] help: Option<String>,
    #[prop(optional)] is_new: bool,
    #[prop(optional_no_strip)] error: Option<UiError>,
) -> impl IntoView {
    let autocomplete = if is_new { "new-password" } else { "current-password" };
    let (label, help) = (label_of(name, label), help.unwrap_or_default());
    view! {
        <TextField name=name label=label kind="password" required=true autocomplete=autocomplete help=help maxlength=128 error=error/>
    }
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
    let (invalid, described) = (wrong.is_some(), described(&name, help.is_some(), wrong.is_some()));
    view! {
        <Field name=name.clone() label=label_of(&name, label) help=help error=wrong>
            <textarea
                id=name.clone()
                name=name
                rows="4"
                required=required
                spellcheck="false"
                autocomplete="off"
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
            >
                {value}
            </textarea>
        </Field>
    }
    .into_any()
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
    let options = options.into_iter().map(option).collect_view();
    let (invalid, described) = (wrong.is_some(), described(&name, help.is_some(), wrong.is_some()));
    view! {
        <Field name=name.clone() label=label_of(&name, label) help=help error=wrong>
            <select id=name.clone() name=name aria-invalid=invalid.then_some("true") aria-describedby=described>
                {any.map(|text| view! { <option value="">{text}</option> })}
                {options}
            </select>
        </Field>
    }
    .into_any()
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
    let described = described(&name, help.is_some(), false);
    let help = help.map(|text| view! { <p class="field-help" id=format!("{name}-help")>{text}</p> });
    view! {
        <div class="field">
            <label class="switch">
                <input type="checkbox" name=name value="true" checked=on aria-describedby=described/>
                <span>{label}</span>
            </label>
            {help}
        </div>
    }
    .into_any()
}

/// The ids of a field's help and error, for its control's `aria-describedby`.
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
