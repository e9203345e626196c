//! Signing in.

use super::parts::{FormFoot, PasswordField, TextField, at, done_note, failure, form_failure, path_of};
use crate::rpc::auth::SignIn;
use crate::ui::i18n::{LangSwitch, t};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn LoginPage() -> impl IntoView {
    let error = failure::<SignIn>();
    view! {
        <Title text=t("panel-login-title")/>
        <main class="lone">
            <section class="lone-card is-form">
                <h1>{t("panel-login-title")}</h1>
                {done_note()}
                {form_failure(&error)}
                <form method="post" action={path_of::<SignIn>()} class="form">
                    <input type="hidden" name="next" value=at("next")/>
                    <TextField name="name" label=t("panel-login-name") autocomplete="username" required=true maxlength=64/>
                    <PasswordField name="password"/>
                    <FormFoot label=t("panel-sign-in")/>
                </form>
            </section>
            <footer class="lone-foot"><LangSwitch/></footer>
        </main>
    }
    .into_any()
}
