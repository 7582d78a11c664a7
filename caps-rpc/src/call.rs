//! Calls with their arguments.

use crate::fault::{Fault, What};
use crate::procedure::Procedure;
use crate::xdr::{Malformed, Reader, Texts, Words};

/// Most CPUs of which a baseline is made.
const MAX_CPUS: u32 = 256;
/// Most page sizes that are asked for at once, and most cells.
const MAX_PAGE_SIZES: u32 = 1024;

/// A call of the main program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call<'a> {
    AuthList,
    SupportsFeature(u32),
    Open {
        uri: Option<&'a [u8]>,
    },
    Close,
    RegisterCloseCallback,
    UnregisterCloseCallback,
    Capabilities,
    Type,
    Version,
    LibVersion,
    Hostname,
    Uri,
    IsSecure,
    NodeInfo,
    CellsFreeMemory {
        start: i32,
        most: i32,
    },
    FreeMemory,
    MemoryStats {
        params: i32,
        cell: i32,
        flags: u32,
    },
    CpuStats {
        cpu: i32,
        params: i32,
        flags: u32,
    },
    CpuMap {
        map: bool,
        online: bool,
        flags: u32,
    },
    FreePages {
        sizes_kib: Words<'a>,
        start: i32,
        cells: u32,
        flags: u32,
    },
    SecurityModel,
    CpuModelNames {
        arch: &'a [u8],
        names: bool,
        flags: u32,
    },
    CompareCpu {
        cpu: &'a [u8],
        flags: u32,
    },
    BaselineCpu {
        cpus: Texts<'a>,
        flags: u32,
    },
    ListAllDomains,
    /// A list or a number of domains, of which there is none: one word, which is 0.
    NoDomains,
    LookupById(i32),
    LookupByName(&'a [u8]),
    LookupByUuid([u8; 16]),
}

impl<'a> Call<'a> {
    /// The call of `procedure` with the arguments in `payload`. What follows them is not looked at, as in libvirt.
    pub(crate) fn read(procedure: Procedure, payload: &'a [u8]) -> Result<Self, Fault<'a>> {
        let mut arguments = Reader::new(payload);
        let call = Self::of_connection(procedure, &mut arguments)?;
        let call =
            call.map_or_else(|| Self::of_node(procedure, &mut arguments), |call| Ok(Some(call)))?;
        let call = call
            .map_or_else(|| Self::of_domains(procedure, &mut arguments), |call| Ok(Some(call)))?;
        call.ok_or(if procedure.is_known() {
            Fault::unsupported(procedure)
        } else {
            Fault::rpc(What::Unknown(procedure))
        })
    }

    /// What is asked of the connection.
    fn of_connection(
        procedure: Procedure,
        arguments: &mut Reader<'a>,
    ) -> Result<Option<Self>, Malformed> {
        Ok(Some(match procedure {
            Procedure::AUTH_LIST => Self::AuthList,
            Procedure::CONNECT_SUPPORTS_FEATURE => Self::SupportsFeature(arguments.u32()?),
            Procedure::CONNECT_OPEN => {
                let uri = arguments.nullable_text()?;
                // The flags: read-only or not is all the same here.
                arguments.u32()?;
                Self::Open { uri }
            }
            Procedure::CONNECT_CLOSE => Self::Close,
            Procedure::CONNECT_REGISTER_CLOSE_CALLBACK => Self::RegisterCloseCallback,
            Procedure::CONNECT_UNREGISTER_CLOSE_CALLBACK => Self::UnregisterCloseCallback,
            Procedure::CONNECT_GET_CAPABILITIES => Self::Capabilities,
            Procedure::CONNECT_GET_TYPE => Self::Type,
            Procedure::CONNECT_GET_VERSION => Self::Version,
            Procedure::CONNECT_GET_LIB_VERSION => Self::LibVersion,
            Procedure::CONNECT_GET_HOSTNAME => Self::Hostname,
            Procedure::CONNECT_GET_URI => Self::Uri,
            Procedure::CONNECT_IS_SECURE => Self::IsSecure,
            _ => return Ok(None),
        }))
    }

    /// What is asked of the machine.
    fn of_node(
        procedure: Procedure,
        arguments: &mut Reader<'a>,
    ) -> Result<Option<Self>, Malformed> {
        Ok(Some(match procedure {
            Procedure::NODE_GET_INFO => Self::NodeInfo,
            Procedure::NODE_GET_CELLS_FREE_MEMORY => {
                Self::CellsFreeMemory { start: arguments.i32()?, most: arguments.i32()? }
            }
            Procedure::NODE_GET_FREE_MEMORY => Self::FreeMemory,
            Procedure::NODE_GET_MEMORY_STATS => {
                let (params, cell) = (arguments.i32()?, arguments.i32()?);
                Self::MemoryStats { params, cell, flags: arguments.u32()? }
            }
            Procedure::NODE_GET_CPU_STATS => {
                let (cpu, params) = (arguments.i32()?, arguments.i32()?);
                Self::CpuStats { cpu, params, flags: arguments.u32()? }
            }
            Procedure::NODE_GET_CPU_MAP => {
                let (map, online) = (arguments.u32()? != 0, arguments.u32()? != 0);
                Self::CpuMap { map, online, flags: arguments.u32()? }
            }
            Procedure::NODE_GET_FREE_PAGES => {
                let sizes_kib = arguments.words(MAX_PAGE_SIZES)?;
                let (start, cells) = (arguments.i32()?, arguments.u32()?);
                Self::FreePages { sizes_kib, start, cells, flags: arguments.u32()? }
            }
            Procedure::NODE_GET_SECURITY_MODEL => Self::SecurityModel,
            Procedure::CONNECT_GET_CPU_MODEL_NAMES => {
                let (arch, names) = (arguments.text()?, arguments.u32()? != 0);
                Self::CpuModelNames { arch, names, flags: arguments.u32()? }
            }
            Procedure::CONNECT_COMPARE_CPU => {
                Self::CompareCpu { cpu: arguments.text()?, flags: arguments.u32()? }
            }
            Procedure::CONNECT_BASELINE_CPU => {
                Self::BaselineCpu { cpus: arguments.texts(MAX_CPUS)?, flags: arguments.u32()? }
            }
            _ => return Ok(None),
        }))
    }

    /// What is asked of domains, of which there is none.
    fn of_domains(
        procedure: Procedure,
        arguments: &mut Reader<'a>,
    ) -> Result<Option<Self>, Malformed> {
        Ok(Some(match procedure {
            Procedure::CONNECT_LIST_ALL_DOMAINS => {
                arguments.fixed::<8>()?;
                Self::ListAllDomains
            }
            Procedure::CONNECT_LIST_DOMAINS | Procedure::CONNECT_LIST_DEFINED_DOMAINS => {
                arguments.fixed::<4>()?;
                Self::NoDomains
            }
            Procedure::CONNECT_NUM_OF_DOMAINS | Procedure::CONNECT_NUM_OF_DEFINED_DOMAINS => {
                Self::NoDomains
            }
            Procedure::DOMAIN_LOOKUP_BY_ID => Self::LookupById(arguments.i32()?),
            Procedure::DOMAIN_LOOKUP_BY_NAME => Self::LookupByName(arguments.text()?),
            Procedure::DOMAIN_LOOKUP_BY_UUID => Self::LookupByUuid(arguments.fixed()?),
            _ => return Ok(None),
        }))
    }

    /// Whether it may come before the connection is open.
    pub(crate) const fn opens(&self) -> bool {
        const KEEPALIVE: u32 = 10;
        matches!(self, Self::AuthList | Self::Open { .. } | Self::Close)
            || matches!(self, Self::SupportsFeature(KEEPALIVE))
    }
}
