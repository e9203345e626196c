//! A QR code as inline SVG: black on white in every colour scheme, whole pixels per module, four modules of quiet zone.

use leptos::prelude::*;

const QUIET: usize = 4;
/// The code should be about this wide on screen, in pixels.
const WIDTH: usize = 248;

/// `label` is read out. Nothing where the text is too long for a code.
#[component]
pub fn Qr(code: String, label: String) -> impl IntoView {
    drawing(&code).map(|(modules, path)| {
        let side = modules + 2 * QUIET;
        let pixels = (WIDTH / side).max(3) * side;
        view! {
            <figure class="qr">
                <svg
                    data-testid="qr"
                    role="img"
                    aria-label=label
                    width=pixels
                    height=pixels
                    viewBox=format!("0 0 {side} {side}")
                    shape-rendering="crispEdges"
                >
                    <rect width=side height=side fill="#fff"></rect>
                    <path d=path fill="#000"></path>
                </svg>
            </figure>
        }
    })
}

/// Modules per side, and the dark ones as a path of horizontal runs.
fn drawing(code: &str) -> Option<(usize, String)> {
    #[cfg(feature = "ssr")]
    {
        use qrcode::{Color, EcLevel, QrCode};
        use std::fmt::Write;
        let qr = QrCode::with_error_correction_level(code.as_bytes(), EcLevel::M).ok()?;
        let (side, colours) = (qr.width(), qr.to_colors());
        let mut path = String::new();
        for (y, row) in colours.chunks(side).enumerate() {
            let mut x = 0;
            while x < side {
                let run = row[x..].iter().take_while(|c| **c == Color::Dark).count();
                if run > 0 {
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET); // writing to a String cannot fail
                }
                x += run.max(1);
            }
        }
        Some((side, path))
    }
    #[cfg(not(feature = "ssr"))]
    {
        let _ = code;
        None
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn every_dark_module_is_drawn_inside_of_the_quiet_zone() {
        let code = "weixin://wxpay/bizpayurl?pr=abcdefg";
        let (side, path) = drawing(code).expect("fits");
        let qr = qrcode::QrCode::with_error_correction_level(code, qrcode::EcLevel::M).expect("fits");
        let dark = qr.to_colors().iter().filter(|c| **c == qrcode::Color::Dark).count();
        let mut drawn = 0;
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').expect("x");
            let (y, rest) = rest.split_once('h').expect("y");
            let (width, _) = rest.split_once('v').expect("width");
            let [x, y, width] = [x, y, width].map(|n| n.parse::<usize>().expect("a number"));
            assert!(x >= QUIET && y >= QUIET && x + width <= side + QUIET && y < side + QUIET);
            drawn += width;
        }
        assert_eq!(drawn, dark);
    }

    #[test]
    fn a_text_too_long_for_a_code_draws_nothing() {
        assert!(drawing(&"x".repeat(5000)).is_none());
    }
}
