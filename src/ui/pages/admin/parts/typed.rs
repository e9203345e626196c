//! What was typed into a form that failed stands in it again.

use super::form::failure;
use crate::rpc::typed::{TypedForm, typed_into};
use leptos::server_fn::ServerFn;

/// The values for a form's fields: what was typed if it just failed, what is stored otherwise.
#[derive(Clone, Default)]
pub struct Typed(Option<TypedForm>);

/// Of the form that posts to this function.
pub fn typed<S: ServerFn>() -> Typed {
    Typed(failure::<S>().and_then(|_| typed_into(S::PATH)))
}

impl Typed {
    fn value(&self, name: &str) -> Option<&str> {
        let form = self.0.as_ref()?;
        form.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A line or a choice. A field that was not sent back, such as a secret, has no value here.
    pub fn text(&self, name: &str, stored: impl Into<String>) -> String {
        self.value(name).map_or_else(|| stored.into(), str::to_owned)
    }

    /// A switch: a browser sends only those that are on.
    pub fn on(&self, name: &str, stored: bool) -> bool {
        if self.0.is_some() { self.value(name).is_some() } else { stored }
    }

    /// One of several switches of the same name.
    pub fn among(&self, name: &str, value: &str, stored: bool) -> bool {
        match &self.0 {
            Some(form) => form.fields.iter().any(|(n, v)| n == name && v == value),
            None => stored,
        }
    }

    /// Whether this is the one of several forms to the same function that failed, by a hidden field of it.
    pub fn only(&self, name: &str, value: &str) -> Self {
        if self.value(name) == Some(value) { self.clone() } else { Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_wins_and_an_absent_switch_is_off() {
        let fields = [("name", "Tea"), ("methods[]", "alipay_qr"), ("app_id", "a")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        let failed = Typed(Some(TypedForm { path: "/rpc/admin/x".to_owned(), fields: fields.to_vec() }));
        let fresh = Typed::default();
        assert_eq!((failed.text("name", "old"), fresh.text("name", "old")), ("Tea".to_owned(), "old".to_owned()));
        assert_eq!(failed.text("contact", "old"), "old");
        assert_eq!((failed.on("enabled", true), fresh.on("enabled", true)), (false, true));
        assert!(failed.among("methods[]", "alipay_qr", false) && !failed.among("methods[]", "alipay_wap", true));
        assert_eq!(failed.only("app_id", "b").text("name", "old"), "old");
        assert_eq!(failed.only("app_id", "a").text("name", "old"), "Tea");
    }
}
