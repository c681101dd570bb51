"""What the lake says of query engines; the codes are stable."""

from chengshu.kernel.errors import EngineError
from chengshu.kernel.texts import Text


def engine_unreachable(url: str, problem: str) -> EngineError:
    """No Spark Connect server answers."""
    return EngineError(
        "engine.unreachable",
        Text("无法连接查询引擎 {url}：{problem}", "The engine at {url} cannot be reached: {problem}").format(
            url=url, problem=problem
        ),
        Text(
            "请确认该地址有 Spark Connect 服务，或使用 --engine duckdb。",
            "Check that a Spark Connect server listens there, or use --engine duckdb.",
        ),
    )


def engine_failed(url: str, problem: str) -> EngineError:
    """The server could not compute a query."""
    return EngineError(
        "engine.failed",
        Text("查询引擎 {url} 计算失败：{problem}", "The engine at {url} failed: {problem}").format(
            url=url, problem=problem
        ),
        Text(
            "请确认该服务能读取数据湖所在的文件夹，并查看其日志。",
            "Check that the server can read the folder of the lake, and look into its log.",
        ),
    )


def engine_worker_lacks(url: str, module: str) -> EngineError:
    """The Python of the server's workers cannot import what they are asked to run."""
    return EngineError(
        "engine.worker-lacks",
        Text(
            "查询引擎 {url} 的 Python 工作进程缺少模块 {module}。",
            "The Python workers of the engine at {url} lack the module {module}.",
        ).format(url=url, module=module),
        Text(
            "请在其各节点的 Python 环境中安装与本机版本相同的 chengshu，或使用 --engine duckdb。",
            "Install chengshu, of the version that runs here, on each of its nodes, or use --engine duckdb.",
        ),
    )


def engine_unknown(url: str) -> EngineError:
    """Neither duckdb nor sc://."""
    return EngineError(
        "engine.unknown",
        Text("不认识的查询引擎 {url}。", "The engine {url} is not known.").format(url=url),
        Text("请用 duckdb 或 sc://主机:端口。", "Use duckdb or sc://host:port."),
    )


def engine_not_installed() -> EngineError:
    """The Spark side is an extra that is not there."""
    return EngineError(
        "engine.not-installed",
        Text("没有安装 Spark Connect 客户端。", "The Spark Connect client is not installed."),
        Text("请安装 chengshu[spark]。", "Install chengshu[spark]."),
    )
