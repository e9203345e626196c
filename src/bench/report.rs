//! The table: each figure, its share of the commit rate, and whether floor and aim are met. It only prints.

use super::load::Load;
use std::time::Duration;

/// A bound of a figure.
#[derive(Debug, Clone, Copy)]
pub enum Bound {
    /// At least so many a second, of which all but one in a hundred within a time.
    Rate(f64, Option<Duration>),
    /// At most this value, in the figure's own unit.
    Most(f64),
}

/// What was measured.
enum Figure {
    Load(Load),
    Value { value: f64, unit: &'static str },
}

pub struct Report {
    /// Commits a second of the database in use.
    commits: f64,
    met: usize,
    missed: Vec<String>,
}

impl Report {
    pub fn new() -> Self {
        println!(
            "{:<44} {:>12} {:>8} {:>9} {:>9} {:>9}  {:<22} {:<22}",
            "measure", "figure", "/commits", "p50", "p99", "CPU each", "floor", "aim"
        );
        Self { commits: 0.0, met: 0, missed: Vec::new() }
    }

    /// The rate that shares are of from now on.
    pub fn commits(&mut self, database: &str, commits: super::commits::Commits) {
        self.commits = commits.idle;
        println!("{:<44} {:>10.0}/s", format!("{database}: one row, one commit, idle cores"), commits.idle);
        println!("{:<44} {:>10.0}/s", format!("{database}: the same with all cores busy"), commits.busy);
    }

    pub fn load(&mut self, name: &str, load: &Load, floor: Bound, aim: Bound) {
        self.row(name, &Figure::Load(load.clone()), floor, aim);
    }

    pub fn value(&mut self, name: &str, value: f64, unit: &'static str, floor: Bound, aim: Bound) {
        self.row(name, &Figure::Value { value, unit }, floor, aim);
    }

    /// A figure without a bound.
    pub fn note(&self, name: &str, value: f64, unit: &str) {
        println!("{name:<44} {:>12}", format!("{} {unit}", short(value)));
    }

    /// A rate beside that of another program.
    pub fn signatures(&self, name: &str, rate: f64, other: Option<f64>) {
        let share = other.map_or_else(String::new, |other| format!("{:.2}", rate / other));
        println!("{name:<44} {:>12} {share:>8}", format!("{rate:.0}/s"));
    }

    /// Says how many floors were met.
    pub fn finish(self) {
        println!();
        println!("floors met: {} of {}", self.met, self.met + self.missed.len());
        for missed in self.missed {
            println!("  below its floor: {missed}");
        }
    }

    fn row(&mut self, name: &str, figure: &Figure, floor: Bound, aim: Bound) {
        let word = |bound: Bound| format!("{} {}", if holds(figure, bound) { "yes" } else { "NO " }, text(figure, bound));
        if holds(figure, floor) {
            self.met += 1;
        } else {
            self.missed.push(name.to_owned());
        }
        let (value, share, p50, p99, each) = match figure {
            Figure::Load(l) => (
                format!("{:.0}/s", l.rate),
                if self.commits > 0.0 { format!("{:.2}", l.rate / self.commits) } else { String::new() },
                ms(l.p50),
                ms(l.p99),
                format!("{} µs", l.server.as_micros()),
            ),
            Figure::Value { value, unit } => {
                (format!("{} {unit}", short(*value)), String::new(), String::new(), String::new(), String::new())
            }
        };
        println!("{name:<44} {value:>12} {share:>8} {p50:>9} {p99:>9} {each:>9}  {:<22} {:<22}", word(floor), word(aim));
    }
}

fn holds(figure: &Figure, bound: Bound) -> bool {
    match (figure, bound) {
        (Figure::Load(load), Bound::Rate(rate, p99)) => load.rate >= rate && p99.is_none_or(|most| load.p99 <= most),
        (Figure::Value { value, .. }, Bound::Most(most)) => *value <= most,
        (Figure::Value { value, .. }, Bound::Rate(least, _)) => *value >= least,
        (Figure::Load(load), Bound::Most(most)) => load.p99.as_secs_f64() <= most,
    }
}

fn text(figure: &Figure, bound: Bound) -> String {
    match (figure, bound) {
        (_, Bound::Rate(rate, Some(p99))) => format!("{rate:.0}/s, ≤ {} ms", p99.as_millis()),
        (_, Bound::Rate(rate, None)) => format!("{rate:.0}/s"),
        (Figure::Value { unit, .. }, Bound::Most(most)) => format!("≤ {} {unit}", short(most)),
        (Figure::Load(_), Bound::Most(most)) => format!("≤ {most} s"),
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}
