//! The pairs as a picture: bars on a logarithmic scale, the ratio beside each.

use crate::Pair;
use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const LEFT: f64 = 20.0;
const RIGHT: f64 = 110.0;
const ROW: f64 = 62.0;
const TOP: f64 = 84.0;
const BAR: f64 = 13.0;

/// The picture, as SVG.
pub(crate) fn svg(pairs: &[Pair]) -> String {
    let scale = Scale::of(pairs);
    let height = TOP + ROW * pairs.len() as f64 + 40.0;
    let mut svg = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' font-family='system-ui, sans-serif'>\n\
         <rect width='{WIDTH}' height='{height}' rx='10' fill='#fbfbf8'/>\n\
         <text x='{LEFT}' y='36' font-size='21' font-weight='700' fill='#1d2b36'>caps and its peers</text>\n\
         <text x='{LEFT}' y='58' font-size='13' fill='#5a6872'>Time on a logarithmic scale, medians of one run; shorter is better</text>\n"
    );
    scale.grid(&mut svg, height);
    for (row, pair) in pairs.iter().enumerate() {
        pair_row(&mut svg, &scale, pair, TOP + ROW * row as f64);
    }
    svg + "</svg>\n"
}

/// Powers of ten between the least and the largest time.
struct Scale {
    first: i32,
    last: i32,
}

impl Scale {
    fn of(pairs: &[Pair]) -> Self {
        let times = || pairs.iter().flat_map(|pair| [pair.peer_us, pair.ours_us]);
        let least = times().fold(f64::INFINITY, f64::min);
        let largest = times().fold(1.0, f64::max);
        Self { first: least.log10().floor() as i32, last: largest.log10().ceil() as i32 }
    }

    fn x(&self, us: f64) -> f64 {
        let part = (us.log10() - f64::from(self.first)) / f64::from(self.last - self.first);
        LEFT + part.max(0.004) * (WIDTH - LEFT - RIGHT)
    }

    fn grid(&self, svg: &mut String, height: f64) {
        for power in self.first..=self.last {
            let (us, bottom) = (10_f64.powi(power), height - 26.0);
            let x = self.x(us);
            let _ = writeln!(
                svg,
                "<line x1='{x:.1}' y1='{}' x2='{x:.1}' y2='{bottom}' stroke='#e3e3dc'/>\
                 <text x='{x:.1}' y='{}' font-size='11' fill='#8a949b' text-anchor='middle'>{}</text>",
                TOP - 8.0,
                bottom + 15.0,
                time(us)
            );
        }
    }
}

fn pair_row(svg: &mut String, scale: &Scale, pair: &Pair, y: f64) {
    let _ = writeln!(
        svg,
        "<text x='{LEFT}' y='{:.1}' font-size='13' font-weight='600' fill='#1d2b36'>{}</text>",
        y + 12.0,
        pair.work
    );
    bar(svg, scale, pair.peer, pair.peer_us, y + 19.0, "#b9c2c8");
    bar(svg, scale, pair.ours, pair.ours_us, y + 19.0 + BAR + 3.0, "#e4572e");
    let _ = writeln!(
        svg,
        "<text x='{:.1}' y='{:.1}' font-size='20' font-weight='700' fill='#e4572e' text-anchor='end'>{}×</text>",
        WIDTH - 18.0,
        y + 38.0,
        ratio(pair.ratio())
    );
}

fn bar(svg: &mut String, scale: &Scale, name: &str, us: f64, y: f64, color: &str) {
    let width = scale.x(us) - LEFT;
    // Beside a short bar, in a long one.
    let inside = width > 330.0;
    let (x, anchor) =
        if inside { (LEFT + width - 6.0, "end") } else { (LEFT + width + 6.0, "start") };
    let ink = if inside && color == "#e4572e" { "#ffffff" } else { "#3c4950" };
    let _ = writeln!(
        svg,
        "<rect x='{LEFT}' y='{y:.1}' width='{width:.1}' height='{BAR}' rx='2' fill='{color}'/>\
         <text x='{x:.1}' y='{:.1}' font-size='10.5' fill='{ink}' text-anchor='{anchor}'>{name}, {}</text>",
        y + 10.2,
        time(us)
    );
}

/// A time in the unit that suits it.
pub(crate) fn time(us: f64) -> String {
    match us {
        ..1.0 => format!("{:.0} ns", us * 1e3),
        ..10.0 => format!("{us:.1} µs"),
        ..1e3 => format!("{us:.0} µs"),
        ..1e4 => format!("{:.1} ms", us / 1e3),
        ..1e6 => format!("{:.0} ms", us / 1e3),
        _ => format!("{:.1} s", us / 1e6),
    }
}

/// A ratio with two digits that count.
pub(crate) fn ratio(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}
