//! Signing in.

use super::parts::{FormFoot, PasswordField, TextField, at, done_note, failure, form_failure, path_of};
use crate::rpc::auth::SignIn;
use crate::ui::components::LoneCard;
use crate::ui::i18n::t;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn LoginPage() -> impl IntoView {
    let error = failure::<SignIn>();
    view! {
        <Title text=t("panel-login-title")/>
        <LoneCard title=t("panel-login-title") is_form=true switches=true>
            {done_note()}
            {form_failure(&error)}
            <form method="post" action={path_of::<SignIn>()} class="form">
                <input type="hidden" name="next" value=at("next")/>
                <TextField name="name" label=t("panel-login-name") autocomplete="username" required=true maxlength=64/>
                <PasswordField name="password"/>
                <FormFoot label=t("panel-sign-in")/>
            </form>
        </LoneCard>
    }
    .into_any()
}
