//! The merchant's colour, made readable: white text on it keeps a contrast of 4.5:1.

use leptos::prelude::*;

/// Sets the page's accent. The rule stands in a style element with the page's nonce; its text is made of numbers only.
#[component]
pub fn Accent(colour: Option<String>) -> impl IntoView {
    colour.as_deref().and_then(readable).map(|[r, g, b]| {
        let rule = format!(":root{{--accent:rgb({r} {g} {b})}}");
        view! { <style nonce=super::page_nonce()>{rule}</style> }
    })
}

/// Reads `#rrggbb` and darkens it until white text on it can be read.
fn readable(colour: &str) -> Option<[u8; 3]> {
    let hex = colour.strip_prefix('#').filter(|h| h.len() == 6 && h.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let channel = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).ok();
    let mut rgb = [channel(0)?, channel(2)?, channel(4)?];
    // Each step takes 4 %: at most 100 steps lead from white to black.
    for _ in 0..100 {
        if 1.05 / (luminance(rgb) + 0.05) >= 4.5 {
            break;
        }
        for c in &mut rgb {
            *c = u8::try_from(u16::from(*c) * 96 / 100).unwrap_or(0);
        }
    }
    Some(rgb)
}

/// Relative luminance of WCAG 2.
fn luminance(rgb: [u8; 3]) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dark_colour_stays_as_it_is() {
        assert_eq!(readable("#1f4f9a"), Some([0x1f, 0x4f, 0x9a]));
    }

    #[test]
    fn a_light_colour_is_darkened_until_white_can_be_read_on_it() {
        for colour in ["#ffd400", "#ffffff", "#07C160", "#ff5a00", "#00ffff"] {
            let rgb = readable(colour).expect(colour);
            assert!(1.05 / (luminance(rgb) + 0.05) >= 4.5, "{colour} became {rgb:?}");
        }
    }

    #[test]
    fn anything_else_is_no_colour() {
        for text in ["", "red", "#fff", "#12345g", "#1234567", "#}body{", "#１23456"] {
            assert_eq!(readable(text), None, "{text}");
        }
    }
}
