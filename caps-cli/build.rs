//! Links the unwinder in instead of having it loaded, which takes a tenth of the time of a whole run.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    // Where the GNU C library is, GCC's unwinder is there in both forms.
    if (target("OS").as_str(), target("ENV").as_str()) == ("linux", "gnu") {
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
