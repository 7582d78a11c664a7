//! A host made of a few lines, written to a directory.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The files of a host that is made up, by their paths under its root.
#[derive(Clone, Debug, Default)]
pub struct Sketch {
    entries: BTreeMap<String, Entry>,
}

/// What lies at a path. Directories come with what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A regular file.
    File(Vec<u8>),
    /// A symbolic link.
    Link(String),
    /// A directory that may be empty.
    Directory,
}

/// A cache of a CPU, as `cache/index*` tells it.
#[derive(Clone, Copy, Debug)]
pub struct CpuCache<'a> {
    /// The number of the directory.
    pub index: u32,
    /// `level`
    pub level: u32,
    /// `id`
    pub id: u32,
    /// `type`
    pub kind: &'a str,
    /// `size`
    pub size: &'a str,
    /// `shared_cpu_list`
    pub cpus: &'a str,
}

const CPU: &str = "sys/devices/system/cpu";
const NODE: &str = "sys/devices/system/node";

impl Sketch {
    /// What there is, in the order of the paths.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// Puts an entry at `path`, in place of what was there.
    pub fn put(&mut self, path: &str, entry: Entry) -> &mut Self {
        self.entries.insert(path.to_owned(), entry);
        self
    }

    /// A file of these bytes.
    pub fn file(&mut self, path: &str, contents: impl AsRef<[u8]>) -> &mut Self {
        self.put(path, Entry::File(contents.as_ref().to_vec()))
    }

    /// A file of one line, as the kernel writes a value.
    pub fn line(&mut self, path: &str, value: impl ToString) -> &mut Self {
        self.file(path, value.to_string() + "\n")
    }

    /// `facts`: an x86_64 with pages of 4096 bytes, and `more`.
    pub fn facts(&mut self, more: &str) -> &mut Self {
        self.file("facts", format!("machine x86_64\npage_size 4096\n{more}"))
    }

    /// Lists of CPUs, and a `/proc/cpuinfo` that says nothing.
    pub fn cpus(&mut self, present: &str, online: &str) -> &mut Self {
        self.line(&format!("{CPU}/present"), present).line(&format!("{CPU}/online"), online);
        self.file("proc/cpuinfo", "processor\t: 0\n")
    }

    /// Where a CPU sits.
    pub fn cpu(&mut self, cpu: u32, socket: i32, core: u32, siblings: &str) -> &mut Self {
        let place = format!("{CPU}/cpu{cpu}/topology");
        self.line(&format!("{place}/physical_package_id"), socket)
            .line(&format!("{place}/core_id"), core)
            .line(&format!("{place}/thread_siblings_list"), siblings)
    }

    /// A cache of a CPU.
    pub fn cache(&mut self, cpu: u32, cache: CpuCache<'_>) -> &mut Self {
        let place = format!("{CPU}/cpu{cpu}/cache/index{}", cache.index);
        self.line(&format!("{place}/level"), cache.level)
            .line(&format!("{place}/id"), cache.id)
            .line(&format!("{place}/type"), cache.kind)
            .line(&format!("{place}/size"), cache.size)
            .line(&format!("{place}/shared_cpu_list"), cache.cpus)
    }

    /// A node with its memory, and the CPUs of a map that is written in hexadecimal.
    pub fn node(&mut self, node: u32, cpumap: &str, memory_kib: u64) -> &mut Self {
        let place = format!("{NODE}/node{node}");
        let cpus = u32::from_str_radix(cpumap, 16).unwrap_or(0);
        for cpu in (0..32).filter(|cpu| cpus >> cpu & 1 != 0) {
            let target = format!("../../cpu/cpu{cpu}");
            self.put(&format!("{place}/cpu{cpu}"), Entry::Link(target));
        }
        let meminfo = format!("Node {node} MemTotal:       {memory_kib} kB\n");
        self.line(&format!("{place}/cpumap"), cpumap).file(&format!("{place}/meminfo"), meminfo)
    }

    /// A file of one line in the directory of a node.
    pub fn of_node(&mut self, node: u32, path: &str, value: impl ToString) -> &mut Self {
        self.line(&format!("{NODE}/node{node}/{path}"), value)
    }

    /// A pool of huge pages: in `sys/kernel/mm` that of the host, else that of a node.
    pub fn pool(&mut self, directory: &str, size_kib: u64, pages: u64) -> &mut Self {
        let place = format!("{directory}/hugepages/hugepages-{size_kib}kB");
        self.line(&format!("{place}/nr_hugepages"), pages)
            .line(&format!("{place}/free_hugepages"), pages)
    }

    /// A file of one line under `/sys/fs/resctrl/info`.
    pub fn resctrl(&mut self, path: &str, value: impl ToString) -> &mut Self {
        self.line(&format!("sys/fs/resctrl/info/{path}"), value)
    }

    /// Writes the host to `root`.
    ///
    /// # Panics
    /// Where something cannot be written.
    pub fn write_to(&self, root: &Path) {
        fs::create_dir_all(root).unwrap();
        for (path, entry) in &self.entries {
            let place = root.join(path);
            fs::create_dir_all(place.parent().unwrap_or(root)).unwrap();
            match entry {
                Entry::File(contents) => fs::write(&place, contents).unwrap(),
                Entry::Link(target) => symlink(target, &place).unwrap(),
                Entry::Directory => fs::create_dir_all(&place).unwrap(),
            }
        }
    }

    /// The host in a directory that goes away with what is returned.
    ///
    /// # Panics
    /// Where something cannot be written.
    pub fn directory(&self) -> tempfile::TempDir {
        let directory = crate::place::scratch();
        self.write_to(directory.path());
        directory
    }
}
