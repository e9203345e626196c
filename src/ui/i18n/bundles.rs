//! The parsed texts, one bundle per language, built once.

use super::{Arg, Lang};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<FluentResource>;

/// The files of a language with their contents. The names appear in test failures.
pub(super) fn sources(lang: Lang) -> [(&'static str, &'static str); 5] {
    match lang {
        Lang::Zh => [
            ("zh-CN/shared.ftl", include_str!("../locales/zh-CN/shared.ftl")),
            ("zh-CN/checkout.ftl", include_str!("../locales/zh-CN/checkout.ftl")),
            ("zh-CN/panel.ftl", include_str!("../locales/zh-CN/panel.ftl")),
            ("zh-CN/docs.ftl", include_str!("../locales/zh-CN/docs.ftl")),
            ("zh-CN/api.ftl", include_str!("../locales/zh-CN/api.ftl")),
        ],
        Lang::En => [
            ("en/shared.ftl", include_str!("../locales/en/shared.ftl")),
            ("en/checkout.ftl", include_str!("../locales/en/checkout.ftl")),
            ("en/panel.ftl", include_str!("../locales/en/panel.ftl")),
            ("en/docs.ftl", include_str!("../locales/en/docs.ftl")),
            ("en/api.ftl", include_str!("../locales/en/api.ftl")),
        ],
    }
}

static ZH: LazyLock<Bundle> = LazyLock::new(|| build(Lang::Zh));
static EN: LazyLock<Bundle> = LazyLock::new(|| build(Lang::En));

fn build(lang: Lang) -> Bundle {
    let id: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![id]);
    // Isolation marks are invisible characters around each value; they would end up in copied numbers.
    bundle.set_use_isolating(false);
    for (file, text) in sources(lang) {
        let resource = match FluentResource::try_new(text.to_owned()) {
            Ok(resource) => resource,
            Err((rest, problems)) => {
                tracing::error!(file, ?problems, "A text file has lines that cannot be read.");
                rest
            }
        };
        bundle.add_resource_overriding(resource);
    }
    bundle
}

/// The finished text; the key itself where there is none.
pub(super) fn text(lang: Lang, key: &str, args: &[(&'static str, Arg)]) -> String {
    let bundle = match lang {
        Lang::Zh => &*ZH,
        Lang::En => &*EN,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut values = FluentArgs::new();
    for (name, value) in args {
        match value {
            Arg::Text(text) => values.set(*name, text.clone()),
            Arg::Number(number) => values.set(*name, *number),
        }
    }
    let mut problems = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&values), &mut problems).into_owned();
    if !problems.is_empty() {
        tracing::warn!(key, ?problems, "A text misses a value.");
    }
    text
}
