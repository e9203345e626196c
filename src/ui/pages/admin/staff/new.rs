//! Adding somebody.

use crate::model::views::admin::StaffView;
use crate::model::{Role, UiError};
use crate::rpc::staff::{CreateStaff, load_staff};
use crate::ui::components::field_error;
use crate::ui::i18n::{t, t_of};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn NewStaffPage() -> impl IntoView {
    loaded(load_staff(), show)
}

fn show(view: StaffView) -> AnyView {
    let (error, typed) = (failure::<CreateStaff>(), typed::<CreateStaff>());
    let body = view! {
        <div class="confirm">
            {form_failure(&error)}
            <form method="post" action={path_of::<CreateStaff>()} class="form">
                <TextField name="name" value=typed.text("name", "") label=t("panel-login-name") required=true maxlength=64 help=t("panel-staff-name-help") error=error.clone()/>
                {role_field(&view.roles, Role::Support, &typed, &error)}
                <PasswordField name="password" is_new=true help=t("panel-password-help") error=error/>
                <FormFoot label=t("panel-staff-add") back="/admin/staff"/>
            </form>
            {role_table(&view.roles)}
        </div>
    };
    page(t("panel-staff-add"), (), body)
}

/// `roles` are those that the reader may give.
pub fn role_field(roles: &[Role], value: Role, typed: &Typed, error: &Option<UiError>) -> AnyView {
    let options = roles.iter().map(|r| (r.to_string(), role_name(*r))).collect();
    let wrong = field_error(error.as_ref(), "role");
    view! { <ChoiceField name="role" options=options value=typed.text("role", value.as_str()) wrong=wrong.unwrap_or_default()/> }
        .into_any()
}

/// What each role may do.
pub fn role_table(roles: &[Role]) -> AnyView {
    facts(roles.iter().map(|r| (role_name(*r), Some(t_of("panel-role-may", r.as_str()).into_any()))).collect())
}
