//! The words on the pages, in Chinese and English. Texts live in `src/ui/locales/{language}/{area}.ftl`; components ask for
//! them by key. All of it happens on the server: islands get finished texts as props, so the browser downloads no texts.

#[cfg(feature = "ssr")]
mod bundles;
#[cfg(feature = "ssr")]
mod choose;
#[cfg(all(test, feature = "ssr"))]
mod coverage;
mod switch;

#[cfg(feature = "ssr")]
pub use choose::{choose, provide};
pub use switch::LangSwitch;

use leptos::prelude::*;

/// A language we have texts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    pub const ALL: [Lang; 2] = [Lang::Zh, Lang::En];

    /// The tag of `<html lang>` and `?lang=`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// Reads a tag by its primary language: `zh`, `zh-Hans-CN`, `en-GB`.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Lang::Zh),
            "en" => Some(Lang::En),
            _ => None,
        }
    }

    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Lang::Zh => Lang::En,
            Lang::En => Lang::Zh,
        }
    }
}

/// A value put into a text. Numbers choose plural forms; texts are taken as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    Text(String),
    Number(i64),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Arg::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Arg::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Arg::Text(text.clone())
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Arg::Number(number)
    }
}

/// The language of the page being rendered.
#[must_use]
pub fn lang() -> Lang {
    use_context::<Lang>().unwrap_or_default()
}

/// The text of a key in the page's language.
#[must_use]
pub fn t(key: &str) -> String {
    t_in(lang(), key, &[])
}

/// The same with values: `t_with("pay-within", &[("time", "14:32".into())])`.
#[must_use]
pub fn t_with(key: &str, args: &[(&'static str, Arg)]) -> String {
    t_in(lang(), key, args)
}

/// The text of a member of a family of keys, such as a status: `t_of("status", "paid")` is `status-paid`. Dots of the
/// member become underscores, since a key cannot hold them.
#[must_use]
pub fn t_of(family: &'static str, member: &str) -> String {
    t_of_in(lang(), family, member, &[])
}

/// The same with values.
#[must_use]
pub fn t_of_with(family: &'static str, member: &str, args: &[(&'static str, Arg)]) -> String {
    t_of_in(lang(), family, member, args)
}

/// The same in a given language, for places without a page's context.
#[must_use]
pub fn t_of_in(lang: Lang, family: &'static str, member: &str, args: &[(&'static str, Arg)]) -> String {
    t_in(lang, &format!("{family}-{}", member.replace('.', "_")), args)
}

/// A text cut in two at one of its values, for places where the browser fills the value in.
#[must_use]
pub fn t_around(key: &str, value: &'static str) -> (String, String) {
    // A private-use character cannot stand in a text of ours.
    let text = t_in(lang(), key, &[(value, Arg::Text("\u{e000}".to_owned()))]);
    text.split_once('\u{e000}').map(|(before, after)| (before.to_owned(), after.to_owned())).unwrap_or((text, String::new()))
}

/// The text of a key in a given language, for places without a page's context. An unknown key shows as itself.
#[must_use]
pub fn t_in(lang: Lang, key: &str, args: &[(&'static str, Arg)]) -> String {
    #[cfg(feature = "ssr")]
    {
        bundles::text(lang, key, args)
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = (lang, args);
        key.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_by_their_primary_language() {
        for (tag, lang) in [("zh", Lang::Zh), ("zh-Hans-CN", Lang::Zh), ("ZH_tw", Lang::Zh), ("en-GB", Lang::En)] {
            assert_eq!(Lang::parse(tag), Some(lang), "{tag}");
        }
        for tag in ["", "fr", "english", "*"] {
            assert_eq!(Lang::parse(tag), None, "{tag}");
        }
    }
}
