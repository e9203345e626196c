//! The form of a channel, drawn from its kind's declaration. What is stored of a secret is its end; what is typed replaces
//! it, and nothing typed keeps it.

use crate::model::UiError;
use crate::model::views::admin::{CertificateView, ChannelForm, CredentialField, FieldInput, MethodChoice};
use crate::ui::components::{Badge, Field, Moment, Tone, field_error};
use crate::ui::i18n::{Lang, lang, t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

fn mine((zh, en): &(String, String)) -> String {
    if lang() == Lang::En { en.clone() } else { zh.clone() }
}

/// One field for each credential that the kind declares, with the certificates it holds now.
pub fn credentials(form: &ChannelForm, typed: &Typed, error: &Option<UiError>) -> AnyView {
    let fields = form.fields.iter().map(|f| credential(f, typed, error)).collect_view();
    view! {
        <fieldset class="group">
            <legend>{t("panel-credentials")}</legend>
            {fields}
        </fieldset>
    }
    .into_any()
}

fn credential(f: &CredentialField, typed: &Typed, error: &Option<UiError>) -> AnyView {
    let name = format!("credentials[{}]", f.name);
    let wrong = field_error(error.as_ref(), &f.name).or_else(|| field_error(error.as_ref(), &name)).unwrap_or_default();
    let optional = if f.required { String::new() } else { format!(" · {}", t("panel-optional")) };
    let label = format!("{}{optional}", mine(&f.label));
    let kept = f.hint.as_ref().map(|hint| t_with("panel-secret-set", &[("hint", hint.into())]));
    let help = [kept.unwrap_or_default(), mine(&f.help)].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ");
    let value = typed.text(&name, f.value.clone().unwrap_or_default());
    let needed = f.required && f.hint.is_none() && f.value.is_none();
    let input = match &f.input {
        FieldInput::Choice(options) => {
            let options = options.iter().map(|o| (o.clone(), o.clone())).collect();
            view! { <ChoiceField name=name label=label options=options value=value help=help wrong=wrong/> }.into_any()
        }
        FieldInput::Long => {
            view! { <LongField name=name label=label value=value help=help required=needed wrong=wrong/> }.into_any()
        }
        FieldInput::Text => line(f, name, label, value, help, needed, wrong),
    };
    view! { {input} {f.certificates.iter().map(certificate).collect_view()} }.into_any()
}

fn line(f: &CredentialField, name: String, label: String, value: String, help: String, needed: bool, wrong: String) -> AnyView {
    let kind = if f.secret { "password" } else { "text" };
    let autocomplete = if f.secret { "new-password" } else { "off" };
    let wrong = (!wrong.is_empty()).then_some(wrong);
    let help = (!help.is_empty()).then_some(help);
    let (invalid, described) = (wrong.is_some(), described(&name, help.is_some(), wrong.is_some()));
    view! {
        <Field name=name.clone() label=label help=help error=wrong>
            <input
                id=name.clone()
                name=name
                type=kind
                value=value
                required=needed
                autocomplete=autocomplete
                spellcheck="false"
                aria-invalid=invalid.then_some("true")
                aria-describedby=described
            />
        </Field>
    }
    .into_any()
}

fn certificate(c: &CertificateView) -> AnyView {
    let (tone, text) = match c.days_left {
        left if left < 0 => (Tone::Bad, t("panel-cert-expired")),
        left if left < 30 => (Tone::Warn, t_with("panel-cert-days", &[("days", left.into())])),
        left => (Tone::Ok, t_with("panel-cert-days", &[("days", left.into())])),
    };
    view! {
        <div class="certificate">
            <p><strong>{c.subject.clone()}</strong></p>
            <p class="soft">{t("panel-cert-issuer")}" "{c.issuer.clone()}</p>
            <p class="soft">{t("panel-cert-serial")}" "<span class="mono">{c.serial.clone()}</span></p>
            <p class="soft"><Moment at=c.from_at/>" – "<Moment at=c.until_at/></p>
            <p><Badge tone=tone text=text/></p>
        </div>
    }
    .into_any()
}

/// A switch for each method that the kind can carry out, with its limits and the facts it needs.
pub fn methods(form: &ChannelForm, typed: &Typed) -> AnyView {
    let choice = |m: &MethodChoice| {
        let needs = (!m.needs.is_empty())
            .then(|| view! { <span class="soft">{t("panel-needs")}" "<span class="mono">{m.needs.join(", ")}</span></span> });
        view! {
            <label class="switch">
                <input type="checkbox" name="methods[]" value=m.method.as_str() checked=typed.among("methods[]", m.method.as_str(), m.chosen)/>
                <span>
                    {method_name(Some(m.method))}
                    " "
                    <span class="soft">{m.min.display()}" – "{m.max.display()}</span>
                    " "
                    {needs}
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="group">
            <legend>{t("panel-col-methods")}</legend>
            {form.methods.iter().map(choice).collect_view()}
        </fieldset>
    }
    .into_any()
}

/// The place among other channels: order, share, limits.
pub fn place(form: &ChannelForm, typed: &Typed, error: &Option<UiError>) -> AnyView {
    let place = &form.place;
    view! {
        <fieldset class="group">
            <legend>{t("panel-place")}</legend>
            <TextField name="priority" kind="number" value=typed.text("priority", &place.priority) help=t("panel-priority-help") error=error.clone()/>
            <TextField name="weight" kind="number" value=typed.text("weight", &place.weight) help=t("panel-weight-help") error=error.clone()/>
            <TextField name="min_amount" value=typed.text("min_amount", &place.min_amount) help=t("panel-min-amount-help") maxlength=14 error=error.clone()/>
            <TextField name="max_amount" value=typed.text("max_amount", &place.max_amount) help=t("panel-max-amount-help") maxlength=14 error=error.clone()/>
        </fieldset>
    }
    .into_any()
}

/// Gateway and trusted CA.
pub fn connection(form: &ChannelForm, gateway_url: &str, ca_pem: &str, typed: &Typed, error: &Option<UiError>) -> AnyView {
    let help = t_with("panel-gateway-help", &[("url", (&form.production_url).into())]);
    let wrong = field_error(error.as_ref(), "ca_pem").unwrap_or_default();
    view! {
        <fieldset class="group">
            <legend>{t("panel-connection")}</legend>
            <TextField name="gateway_url" kind="url" value=typed.text("gateway_url", gateway_url) help=help maxlength=2048 error=error.clone()/>
            <LongField name="ca_pem" value=typed.text("ca_pem", ca_pem) help=t("panel-ca-help") wrong=wrong/>
        </fieldset>
    }
    .into_any()
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use crate::ui::i18n::{Lang, t_in};

    #[test]
    fn one_day_left_is_no_days() {
        for (days, text) in [(0_i64, "0 days left"), (1, "1 day left"), (2, "2 days left")] {
            assert_eq!(t_in(Lang::En, "panel-cert-days", &[("days", days.into())]), text);
        }
    }
}
