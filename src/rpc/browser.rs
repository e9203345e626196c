//! A browser's plain name, for people who look where they are signed in. A guess from what it says of itself: nothing hangs
//! on it.

/// What tells a browser. Most pretend to be another one as well, so the first that fits is it.
const BROWSERS: [(&str, &str); 11] = [
    ("MicroMessenger", "WeChat"),
    ("AlipayClient", "Alipay"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("QQBrowser", "QQ Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Characters that are kept of what is no browser we know.
const MOST: usize = 40;

/// `Chrome · Android`; the beginning of what it calls itself where that says nothing to us.
#[must_use]
pub fn name_of(user_agent: &str) -> Option<String> {
    let told = |list: &[(&str, &'static str)]| list.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    let known: Vec<&str> = [told(&BROWSERS), told(&SYSTEMS)].into_iter().flatten().collect();
    let name = if known.is_empty() { user_agent.trim().chars().take(MOST).collect::<String>() } else { known.join(" · ") };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_say() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Safari/604.1",
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox · Linux"),
            ("curl/8.5.0", "curl/8.5.0"),
        ] {
            assert_eq!(name_of(user_agent).as_deref(), Some(name));
        }
        assert_eq!((name_of(""), name_of("  ")), (None, None));
        assert_eq!(name_of(&"茶".repeat(500)).map(|name| name.chars().count()), Some(MOST));
    }
}
