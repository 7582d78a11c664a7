use super::*;
use proptest::prelude::*;
use std::{string::String, vec, vec::Vec as StdVec};

fn read(text: impl AsRef<[u8]>) -> Result<Settings, ConfError> {
    let mut conf = Conf::qemu();
    text.as_ref().chunks(3).for_each(|chunk| conf.feed(chunk));
    conf.finish()
}

#[track_caller]
fn user(text: &[u8]) -> Option<StdVec<u8>> {
    read(text).unwrap().text("user").map(StdVec::from)
}

/// The drivers of a list in `text`.
#[track_caller]
fn drivers(text: &str) -> StdVec<String> {
    let settings = read(text).unwrap();
    let Some(Value::List(items)) = settings.value("security_driver") else { panic!("{text}") };
    items.map(|item| String::from_utf8(item.to_vec()).unwrap()).collect()
}

#[test]
fn settings_are_found() {
    let settings = read(
        "# user = \"no\"\nuser = \"+7\" # seven\n\n  group='kvm'\nsecurity_require_confined = +1\n",
    )
    .unwrap();
    assert_eq!(settings.text("user"), Some(b"+7".as_slice()));
    assert_eq!(settings.text("group"), Some(b"kvm".as_slice()));
    assert!(matches!(settings.value("security_require_confined"), Some(Value::Number(1))));
    assert!(settings.value("use").is_none());
}

#[test]
fn the_first_of_two_settings_counts() {
    assert_eq!(user(b"user = 'a'\nuser = 'b'\n").unwrap(), b"a");
    assert_eq!(user(b"user = 'a'\nuser = 8\n").unwrap(), b"a");
}

/// Each of these is accepted by libvirt, with `+7` as the account.
#[test]
fn files_that_libvirt_accepts() {
    for text in [
        b"user=\"+7\"".as_slice(),
        b"user=\"+7\";",
        b"a=1; a=2;\nuser=\"+7\"\n",
        b"user=\"+7\" ; group=\"+8\" ; # both\n",
        b"user='+7'#c\n\n \t\n ",
        b"user=\"+7\"\r\n\r\n",
        b"# c\ruser=\"+7\"\r",
        b"\tuser\t=\t\"\"\"+7\"\"\"\t",
        b"user=\"+7\0zz\"\n",
        b"a=[]\nb=[ [\"x\"], [ 1, -2, +3 ],\n\r\t]\nuser=\"+7\"",
        b"a=[\"#\",\n\"\"\"x\ny\"z\"\"\"]\nuser=\"+7\"",
        b"a=[\"x\"\n,\n]; A_1 = ''\nuser=\"+7\"",
    ] {
        assert_eq!(user(text).unwrap(), b"+7", "{:?}", String::from_utf8_lossy(text));
    }
    for empty in ["", "# c", "\n#\n", "#c\n \n"] {
        assert!(read(empty).unwrap().value("user").is_none());
    }
}

#[test]
fn files_that_libvirt_refuses() {
    for (text, line, fault) in [
        ("\n", 2, Fault::Setting),
        (" ", 1, Fault::Setting),
        ("a=1\nb\n", 2, Fault::Setting),
        ("= 1", 1, Fault::Setting),
        ("a-b=1", 1, Fault::Setting),
        ("a.b=1", 1, Fault::Setting),
        ("_a=1", 1, Fault::Setting),
        ("1a=1", 1, Fault::Setting),
        ("\x0ba=1", 1, Fault::Setting),
        ("\u{feff}a=1", 1, Fault::Setting),
        ("a=1\n\0", 2, Fault::Setting),
        ("a=1;;", 1, Fault::Setting),
        ("a\n=1", 1, Fault::Setting),
        ("a=\n1", 1, Fault::Value),
        ("a=b", 1, Fault::Value),
        ("a=", 1, Fault::Value),
        ("a=[,]", 1, Fault::Value),
        ("a=[1,,2]", 1, Fault::Value),
        ("a=1 2", 1, Fault::Separator),
        ("a=1.5", 1, Fault::Separator),
        ("a=0x1", 1, Fault::Separator),
        ("a=''''", 1, Fault::Separator),
        ("a=1\0", 1, Fault::Separator),
        ("a=[1]]", 1, Fault::Separator),
        ("a=[1 2]", 1, Fault::ItemSeparator),
        ("a=['x';'y']", 1, Fault::ItemSeparator),
        ("a=[\n 'x', # first\n 'y' ]", 2, Fault::CommentInList),
        ("a=[ 'x' # first\n]", 1, Fault::CommentInList),
        ("a=[[1]\n", 2, Fault::ListEnd),
        ("# c\n\na=\"x\n", 3, Fault::Quote),
        ("a='x\ry'", 1, Fault::Quote),
        ("a=\"\"\"x\"\"", 1, Fault::Quote),
        ("a=-", 1, Fault::Digits),
        ("a=[+-1]", 1, Fault::Digits),
    ] {
        assert_eq!(read(text).err(), Some(ConfError::Syntax { line, fault }), "{text:?}");
    }
}

#[test]
fn settings_are_of_their_kind() {
    for (text, name, kind) in [
        ("\nuser = 7\n", "user", Kind::Text),
        ("\nuser = [ 'a' ]\n", "user", Kind::Text),
        ("\nmax_files = -0\n", "max_files", Kind::Unsigned),
        ("\nmac_filter = 2\n", "mac_filter", Kind::Flag),
        ("\nmac_filter = '1'\n", "mac_filter", Kind::Flag),
        ("\nsecurity_driver = [ 'none', 1 ]\n", "security_driver", Kind::TextOrList),
        ("\nsecurity_driver = [ [ 'none' ] ]\n", "security_driver", Kind::TextOrList),
        ("\nnvram = 'x'", "nvram", Kind::List),
    ] {
        assert_eq!(read(text).err(), Some(ConfError::Kind { line: 2, name, kind }), "{text:?}");
    }
    // As C computes it, this is 1.
    assert!(read("mac_filter = 18446744073709551617").is_ok());
    assert!(read("user = 7\n?").is_err_and(|error| matches!(error, ConfError::Syntax { .. })));
}

#[test]
fn lists_span_lines() {
    assert_eq!(
        drivers("security_driver = [ \"selinux\",\n  'apparmor',\n]"),
        ["selinux", "apparmor"]
    );
    assert_eq!(drivers("security_driver = [ '', '' ]"), ["", ""]);
    assert_eq!(
        drivers("security_driver = [ '''a\0b''' ]".replace("'''", "\"\"\"").as_str()),
        ["a"]
    );
    assert!(drivers("security_driver = [ ]").is_empty());
}

#[test]
fn three_quotes_end_a_string_only_together() {
    for (text, value) in [
        ("user = \"\"\"a\"b\"\"c\"\"\"", "a\"b\"\"c"),
        ("user = \"\"\"\"\"\"", ""),
        ("user = \"\"", ""),
        ("user = \"\"\"a\nb\"\"\"\n", "a\nb"),
        ("user = \"\"\"a\0\"\"\"\n", "a"),
    ] {
        assert_eq!(user(text.as_bytes()).unwrap(), value.as_bytes(), "{text}");
    }
    let full = ["user = \"\"\"", &"x".repeat(256), "\"\"\""].concat();
    assert_eq!(user(full.as_bytes()).unwrap().len(), 256);
}

#[test]
fn long_values_of_other_settings_do_not_matter() {
    let list = ["cgroup_device_acl = [", &"\"/dev/null\", ".repeat(1000), "]\nuser = 'a'"].concat();
    assert_eq!(user(list.as_bytes()).unwrap(), b"a");
    let nested = ["a = ", &"[".repeat(9000), &"]".repeat(9000), "\nuser = 'a'"].concat();
    assert_eq!(user(nested.as_bytes()).unwrap(), b"a");
    let name =
        ["user", &"r".repeat(9000), " = 1\nvnc_password = '", &"x".repeat(9000), "'"].concat();
    assert_eq!(user(name.as_bytes()), None);
    let long = ["\nuser = '", &"x".repeat(257), "'"].concat();
    assert_eq!(read(long).err(), Some(ConfError::LongValue { line: 2, name: "user" }));
}

#[test]
fn a_file_of_more_than_10_mebibytes_is_refused() {
    let mut text = vec![b'#'; FILE_BYTES as usize];
    let read = |text: &[u8]| {
        let mut conf = Conf::daemon();
        conf.feed(text);
        conf.finish()
    };
    assert!(read(&text).is_ok());
    text.push(b'#');
    assert_eq!(read(&text).err(), Some(ConfError::TooLong));
}

proptest! {
    /// Pieces of any size give the same, and a list has as many strings as fit.
    #[test]
    fn any_bytes_end(bytes: StdVec<u8>, text in "(user|security_driver|a)=[\\[a=, \n\"'#\\],1;]{0,30}") {
        let _ = read(&bytes).is_ok();
        let mut whole = Conf::qemu();
        whole.feed(text.as_bytes());
        let (whole, pieces) = (whole.finish(), read(&text));
        prop_assert_eq!(whole.as_ref().err(), pieces.as_ref().err());
        if let (Ok(whole), Ok(pieces)) = (whole, pieces) {
            prop_assert_eq!(whole.text("user"), pieces.text("user"));
            if let Some(Value::List(items)) = whole.value("security_driver") {
                prop_assert!(items.count() <= text.len());
            }
        }
    }
}
