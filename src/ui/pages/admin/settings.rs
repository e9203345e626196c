//! What somebody may set for themselves: zone of times, password, where they are signed in.

use super::parts::*;
use crate::model::views::admin::{SessionRow, SettingsView};
use crate::rpc::auth::{ChangePassword, SetZone, SignOutEverywhere, load_settings};
use crate::rpc::sessions::{EndOtherSessions, EndOwnSession};
use crate::ui::i18n::{LangSwitch, t};
use leptos::prelude::*;

/// Zones with whole and half hours that people who use this are likely in.
const ZONES: [i32; 15] = [-480, -300, 0, 60, 120, 180, 240, 330, 420, 480, 540, 570, 600, 660, 720];

#[component]
pub fn SettingsPage() -> impl IntoView {
    loaded(load_settings(), show)
}

fn show(view: SettingsView) -> AnyView {
    let zone_error = failure::<SetZone>();
    let password_error = failure::<ChangePassword>();
    let zones = ZONES.iter().map(|z| (z.to_string(), zone_name(*z))).collect();
    let me = facts(vec![
        (t("panel-col-name"), Some(view.name.into_any())),
        (t("panel-col-role"), Some(role_name(view.role).into_any())),
        (t("panel-col-last-login"), Some(time_or_dash(view.last_login_at))),
        (t("panel-language"), Some(view! { <LangSwitch/> }.into_any())),
    ]);
    let body = view! {
        <div class="columns">
            <div>
                {section(t("panel-me"), me)}
                {section(
                    t("panel-zone"),
                    view! {
                        {form_failure(&zone_error)}
                        <form method="post" action={path_of::<SetZone>()} class="form">
                            <ChoiceField name="zone" options=zones value={typed::<SetZone>().text("zone", view.zone.to_string())} help=t("panel-zone-help")/>
                            <FormFoot label=t("panel-save")/>
                        </form>
                    },
                )}
            </div>
            <div>
                {section(
                    t("panel-password-title"),
                    view! {
                        {form_failure(&password_error)}
                        <form method="post" action={path_of::<ChangePassword>()} class="form">
                            <PasswordField name="current" error=password_error.clone()/>
                            <PasswordField name="password" label=t("panel-password-new") is_new=true help=t("panel-password-help") error=password_error.clone()/>
                            <PasswordField name="repeat" is_new=true error=password_error/>
                            <FormFoot label=t("panel-password-change")/>
                        </form>
                    },
                )}
            </div>
        </div>
        {section(t("panel-sessions"), sessions(&view.sessions))}
    };
    page(t("panel-settings"), (), body)
}

fn sessions(rows: &[SessionRow]) -> AnyView {
    let error = failure::<EndOwnSession>().or_else(failure::<EndOtherSessions>);
    let others = rows.iter().any(|s| !s.is_this).then(|| {
        view! {
            <form method="post" action={path_of::<EndOtherSessions>()}>
                <button class="button">{t("panel-sessions-end-others")}</button>
            </form>
        }
    });
    view! {
        {form_failure(&error)}
        <p class="soft">{t("panel-sessions-help")}</p>
        {session_list(t("panel-sessions"), rows, path_of::<EndOwnSession>(), None)}
        <div class="row">
            {others}
            <form method="post" action={path_of::<SignOutEverywhere>()}>
                <button class="button is-danger">{t("panel-sign-out-everywhere")}</button>
            </form>
        </div>
    }
    .into_any()
}

fn zone_name(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let clock = format!("UTC{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    if minutes == 480 { format!("{clock} · {}", t("panel-zone-china")) } else { clock }
}
