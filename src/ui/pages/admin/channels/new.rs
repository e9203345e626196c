//! A new channel of one kind.

use super::form::{connection, credentials, methods, place};
use crate::model::views::admin::ChannelForm;
use crate::rpc::channels::{CreateChannel, load_channel_form};
use crate::ui::i18n::{t, t_with};
use crate::ui::pages::admin::parts::*;
use leptos::prelude::*;

#[component]
pub fn NewChannelPage() -> impl IntoView {
    loaded(load_channel_form(param("kind")), show)
}

fn show(form: ChannelForm) -> AnyView {
    let (error, typed) = (failure::<CreateChannel>(), typed::<CreateChannel>());
    let body = view! {
        <div class="confirm is-wide">
            {form_failure(&error)}
            <form method="post" action={path_of::<CreateChannel>()} class="form">
                <input type="hidden" name="kind" value=form.kind.as_str()/>
                <TextField name="name" value=typed.text("name", "") label=t("panel-channel-name") help=t("panel-channel-name-help") required=true maxlength=64 error=error.clone()/>
                <ChoiceField name="app_id" label=t("panel-channel-app") options=named_options(&form.apps) value=typed.text("app_id", "") any=t("panel-all-apps") help=t("panel-channel-app-help")/>
                {credentials(&form, &typed, &error)}
                {methods(&form, &typed)}
                {place(&form, &typed, &error)}
                {connection(&form, "", "", &typed, &error)}
                <FormFoot label=t("panel-channel-create") back="/admin/channels"/>
            </form>
        </div>
    };
    page(t_with("panel-channel-new", &[("kind", kind_name(form.kind).into())]), (), body)
}
