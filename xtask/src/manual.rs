//! `cargo xtask manual`: the manual page and the shell completions, made from the command line itself.

use crate::chore::{Done, root};
use caps_cli::Arguments;
use clap::CommandFactory;
use clap_complete::Shell;
use std::fs;
use std::path::Path;

/// Files and what they should hold.
fn files() -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    Ok(vec![
        ("docs/caps.1", page()?),
        ("docs/completions/caps.bash", completions(Shell::Bash)),
        ("docs/completions/_caps", completions(Shell::Zsh)),
        ("docs/completions/caps.fish", completions(Shell::Fish)),
    ])
}

/// One page: the program, then each of its commands.
fn page() -> Result<Vec<u8>, String> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let failed = |error| format!("manual page: {error}");
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for subcommand in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!(".SH CAPS {}\n", subcommand.get_name().to_uppercase());
        page.extend_from_slice(name.as_bytes());
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
        man.render_extra_section(&mut page).map_err(failed)?;
    }
    let page = String::from_utf8(page).map_err(|error| format!("manual page: {error}"))?;
    Ok(with_headings(&page).into_bytes())
}

/// What clap_mangen prints of the text below the options, and the headings of manual pages for it.
const HEADINGS: [(&str, &str); 5] = [
    (".SH EXTRA\nExamples:\n", ".SH EXAMPLES\n"),
    (".SH EXTRA\nExit status: ", ".SH EXIT STATUS\n"),
    (".SH EXTRA\n", ".SH NOTES\n"),
    ("\n\nExit status: ", "\n.SH EXIT STATUS\n"),
    ("\n\nExit status:\n", "\n.SH EXIT STATUS\n"),
];

fn with_headings(page: &str) -> String {
    HEADINGS.iter().fold(page.to_owned(), |page, (printed, heading)| page.replace(printed, heading))
}

fn completions(shell: Shell) -> Vec<u8> {
    let mut completions = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "caps", &mut completions);
    completions
}

pub(crate) fn run(check: bool) -> Done {
    for (name, text) in files()? {
        let path = root().join(name);
        if check {
            same(&path, &text)?;
        } else {
            write(&path, &text)?;
        }
    }
    Ok(())
}

fn same(path: &Path, text: &[u8]) -> Done {
    match fs::read(path) {
        Ok(found) if found == text => Ok(()),
        _ => Err(format!("{} is out of date: run `cargo xtask manual`", path.display())),
    }
}

fn write(path: &Path, text: &[u8]) -> Done {
    let failed = |error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}
