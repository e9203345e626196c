//! One app: settings, keys as hints, our public key.

use crate::model::views::admin::{AppSettingsView, AppView, KeyRow};
use crate::model::{AuditRule, CaseRule};
use crate::rpc::apps::{SaveApp, SetMerchantKey, load_app};
use crate::ui::components::field_error;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn AppPage() -> impl IntoView {
    loaded(load_app(param("app_id")), show)
}

fn show(view: AppView) -> AnyView {
    let base = format!("/admin/apps/{}", view.row.app_id);
    let actions = view! {
        {view.may.configure.then(|| view! { <a class="button is-small" href=format!("{base}/console")>{t("panel-console")}</a> })}
        <a class="button is-small" href=link("/admin/orders", &[("app", &view.row.app_id)])>{t("panel-orders")}</a>
    };
    let about = facts(vec![
        (t("panel-col-status"), Some(enabled_badge(view.row.enabled))),
        (t("panel-col-app-id"), Some(num(&view.row.app_id))),
        (t("panel-col-pid"), Some(num(&view.row.pid.to_string()))),
        (t("panel-api-url"), Some(num(&view.api_url))),
        (t("panel-col-created"), Some(moment(view.row.created_at))),
    ]);
    let body = view! {
        {about}
        <div class="columns">
            <div>{section(t("panel-settings"), settings(&view))}</div>
            <div>
                {section(t("panel-keys"), keys(&view, &base))}
                {section(t("panel-merchant-key"), merchant_key(&view))}
                {section(
                    t("panel-platform-key"),
                    view! {
                        <p class="soft">{t("panel-platform-key-help")}</p>
                        <Raw title=t("panel-platform-key") text=view.platform_key.clone()/>
                    },
                )}
            </div>
        </div>
    };
    page(view.row.name.clone(), actions, body)
}

fn settings(view: &AppView) -> AnyView {
    let s: &AppSettingsView = &view.settings;
    let (error, typed) = (failure::<SaveApp>(), typed::<SaveApp>());
    let rule = |r: &CaseRule| (r.to_string(), t_of("panel-rulefor", r.as_str()));
    let late = CaseRule::ALL.iter().map(rule).collect();
    let duplicate = CaseRule::ALL.iter().filter(|r| **r != CaseRule::Accept).map(rule).collect();
    let audit = AuditRule::ALL.iter().map(|r| (r.to_string(), t_of("panel-auditrule", r.as_str()))).collect();
    let sign_types = ["HMAC-SHA256", "RSA2"].map(|s| (s.to_owned(), s.to_owned())).to_vec();
    let wrong = |name: &str| field_error(error.as_ref(), name).unwrap_or_default();
    let form = view! {
        {form_failure(&error)}
        <form method="post" action={path_of::<SaveApp>()} class="form">
            <input type="hidden" name="app_id" value=view.row.app_id.clone()/>
            <TextField name="name" label=t("panel-app-name") value=typed.text("name", &view.row.name) required=true maxlength=64 error=error.clone()/>
            <SwitchField name="enabled" on=typed.on("enabled", view.row.enabled) label=t("panel-app-enabled") help=t("panel-app-enabled-help")/>
            <TextField name="notify_url" kind="url" value=typed.text("notify_url", &s.notify_url) help=t("panel-notify-url-help") maxlength=2048 error=error.clone()/>
            <TextField name="expires_in" kind="number" value=typed.text("expires_in", s.expires_in.to_string()) help=t("panel-expires-help") required=true error=error.clone()/>
            <ChoiceField name="late_rule" options=late value=typed.text("late_rule", s.late_rule.as_str()) help=t("panel-late-help") wrong=wrong("late_rule")/>
            <ChoiceField name="duplicate_rule" options=duplicate value=typed.text("duplicate_rule", s.duplicate_rule.as_str()) wrong=wrong("duplicate_rule")/>
            <ChoiceField name="refund_audit_rule" options=audit value=typed.text("refund_audit_rule", s.refund_audit_rule.as_str()) help=t("panel-audit-rule-help") wrong=wrong("refund_audit_rule")/>
            <ChoiceField name="return_sign_type" options=sign_types value=typed.text("return_sign_type", &s.return_sign_type) wrong=wrong("return_sign_type")/>
            <TextField name="accent" value=typed.text("accent", &s.accent) help=t("panel-accent-help") maxlength=7 error=error.clone()/>
            <TextField name="contact" value=typed.text("contact", &s.contact) help=t("panel-contact-help") maxlength=120 error=error.clone()/>
            <SwitchField name="allow_md5" on=typed.on("allow_md5", s.allow_md5) help=t("panel-md5-help")/>
            <FormFoot label=t("panel-save")/>
        </form>
    };
    view! { <fieldset class="plain" disabled=!view.may.configure>{form}</fieldset> }.into_any()
}

fn keys(view: &AppView, base: &str) -> AnyView {
    let columns = [t("panel-col-kind"), t("panel-col-ends-in"), t("panel-col-created"), t("panel-col-valid-until")];
    let row = |k: &KeyRow| {
        let until = k.retires_at.map_or_else(|| t("panel-current").into_any(), moment);
        vec![
            Cell::new(t_of("panel-key", &k.kind)),
            Cell::new(view! { <span class="mono">{k.hint.clone()}</span> }),
            Cell::new(moment(k.created_at)),
            Cell::new(until),
        ]
    };
    let rotate = view.may.configure.then(|| {
        let button = |kind: &'static str| {
            view! { <a class="button is-small" href=format!("{base}/rotate/{kind}")>{t("panel-rotate")}": "{t_of("panel-key", kind)}</a> }
        };
        view! { <p class="row">{button("api")} {button("webhook")}</p> }
    });
    view! {
        {table(t("panel-keys"), columns.map(Column::new).into(), view.keys.iter().map(row).collect())}
        {rotate}
    }
    .into_any()
}

fn merchant_key(view: &AppView) -> AnyView {
    let error = failure::<SetMerchantKey>();
    let wrong = field_error(error.as_ref(), "public_key").unwrap_or_default();
    let form = view! {
        {form_failure(&error)}
        <form method="post" action={path_of::<SetMerchantKey>()} class="form">
            <input type="hidden" name="app_id" value=view.row.app_id.clone()/>
            <LongField name="public_key" value={typed::<SetMerchantKey>().text("public_key", "")} help=t("panel-merchant-key-help") required=true wrong=wrong/>
            <FormFoot label=t("panel-save")/>
        </form>
    };
    view! { <fieldset class="plain" disabled=!view.may.configure>{form}</fieldset> }.into_any()
}
