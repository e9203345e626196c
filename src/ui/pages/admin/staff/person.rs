//! One person: role, access, a new password, where they are signed in.

use super::new::{role_field, role_table};
use crate::model::views::admin::PersonView;
use crate::rpc::sessions::EndSession;
use crate::rpc::staff::{ResetPassword, SetStaff, load_person};
use crate::ui::i18n::t;
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn PersonPage() -> impl IntoView {
    loaded(load_person(param("staff_id")), show)
}

fn show(view: PersonView) -> AnyView {
    let s = &view.row;
    let (set_error, password_error) = (failure::<SetStaff>(), failure::<ResetPassword>());
    let typed = typed::<SetStaff>();
    // An owner seen by somebody who is none: their form would always be refused.
    let out_of_reach = !view.roles.contains(&s.role);
    let about = facts(vec![
        (t("panel-col-role"), Some(role_name(s.role).into_any())),
        (t("panel-col-status"), Some(enabled_badge(s.enabled))),
        (t("panel-col-created"), Some(moment(s.created_at))),
        (t("panel-col-last-login"), Some(time_or_dash(s.last_login_at))),
        (t("panel-fact-staff"), Some(num(&s.staff_id))),
    ]);
    if out_of_reach {
        return page(s.name.clone(), (), view! { {about} <p class="panel-note is-info">{t("panel-staff-out-of-reach")}</p> });
    }
    let access = view! {
        {form_failure(&set_error)}
        <form method="post" action={path_of::<SetStaff>()} class="form">
            <input type="hidden" name="staff_id" value=s.staff_id.clone()/>
            {role_field(&view.roles, s.role, &typed, &set_error)}
            <SwitchField name="enabled" on=typed.on("enabled", s.enabled) label=t("panel-may-sign-in")/>
            <p class="soft">{t("panel-staff-ends-sessions")}</p>
            <FormFoot label=t("panel-save")/>
        </form>
        {role_table(&view.roles)}
    };
    let password = if s.is_me {
        view! { <p><a href="/admin/settings">{t("panel-own-password")}</a></p> }.into_any()
    } else {
        view! {
            {form_failure(&password_error)}
            <form method="post" action={path_of::<ResetPassword>()} class="form">
                <input type="hidden" name="staff_id" value=s.staff_id.clone()/>
                <PasswordField name="password" label=t("panel-password-new") is_new=true help=t("panel-password-help") error=password_error.clone()/>
                <p class="soft">{t("panel-staff-ends-sessions")}</p>
                <FormFoot label=t("panel-password-set")/>
            </form>
        }
        .into_any()
    };
    let sessions = view! {
        {form_failure(&failure::<EndSession>())}
        {session_list(t("panel-sessions-of"), &view.sessions, path_of::<EndSession>(), Some(s.staff_id.as_str()))}
    };
    let body = view! {
        {about}
        <div class="columns">
            {section(t("panel-access"), access)}
            {section(t("panel-password-title"), password)}
        </div>
        {section(t("panel-sessions-of"), sessions)}
    };
    page(s.name.clone(), (), body)
}
