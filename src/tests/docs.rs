//! The API reference as developers read it.

use super::app::TestApp;
use crate::ui::i18n::Lang;
use crate::web::api::codes::Code;
use crate::web::api::{calls, samples, texts};
use std::collections::BTreeSet;

/// A page's words: without tags, each character as it is meant.
fn words(page: &str) -> String {
    let texts = page.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    texts.collect::<String>().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> BTreeSet<&'a str> {
    page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn the_reference_says_everything_in_both_languages() {
    let app = TestApp::start_with(&[("plans.webhook_s", "5,300,7200")]).await;
    for (lang, gaps) in [(Lang::Zh, "5 秒、5 分钟、2 小时"), (Lang::En, "5 s, 5 min, 2 h")] {
        let page = app.get(&format!("/docs?lang={}", lang.tag())).await.text().await.expect("text");
        let text = words(&page);
        let says = |what: &str| assert!(text.contains(&what.replace('`', "")), "{lang:?} lacks {what}");
        for (name, _) in calls::COMMON {
            says(name);
            says(&texts::common(lang, name));
        }
        for call in calls::ALL {
            says(&format!("POST {}", call.path));
            says(&texts::call(lang, call));
            says(&texts::answer(lang, call));
            call.one_of.iter().for_each(|name| says(name));
            for field in call.fields {
                let name = format!("<code>{}</code>", field.name);
                assert!(page.replace("<!>", "").contains(&name), "{lang:?} lacks {}", field.name);
                says(&texts::field(lang, call, field));
                says(&texts::rule(lang, field.kind));
            }
        }
        for code in Code::ALL {
            says(code.as_str());
            says(&code.status().as_u16().to_string());
            says(&texts::code(lang, *code));
        }
        for sample in [samples::request(), samples::answer(&app.url)] {
            [sample.text, sample.sign, sample.message].iter().for_each(|part| says(part));
        }
        for method in crate::model::Method::ALL {
            says(method.as_str());
        }
        for part in
            [gaps, samples::KEY, samples::SECRET, "GET|POST /cashier", "return_url", "webhook-signature", app.url.as_str()]
        {
            says(part);
        }
    }
}

#[tokio::test]
async fn the_reference_is_a_plain_document() {
    let app = TestApp::start().await;
    for lang in Lang::ALL {
        let page = app.get(&format!("/docs?lang={}", lang.tag())).await.text().await.expect("text");
        assert!(page.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\">", lang.tag())), "{page}");
        assert!(page.contains(&format!("href=\"?lang={}\"", lang.other().tag())), "no way to the other language");
        assert!(page.contains("href=\"/openapi.json\"") && page.contains("href=\"/pkg/cashier.css\""));
        assert!(!page.contains("<script") && !page.contains(" style="), "{page}");
        for family in ["docs-", "api-"] {
            assert!(!words(&page).contains(family), "a text is missing: {page}");
        }
    }
}

#[tokio::test]
async fn every_line_of_the_contents_leads_somewhere() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.text().await.expect("text");
    let (places, ids) = (values(&page, "href=\"#"), values(&page, " id=\""));
    assert!(places.len() > calls::ALL.len(), "{places:?}");
    assert!(places.is_subset(&ids), "{:?}", places.difference(&ids));
    assert_eq!(page.matches(" id=\"").count(), ids.len(), "an id stands twice");
}
