# Every target makes what it needs first, so each works from a clean clone: make demo, make test, make check.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first Python that is new enough; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
# Node's programs from the system, or else those that `npm ci` below was made with.
NODE := PATH="$$PATH:$(CURDIR)/$(BIN)"
SAY := @printf '\033[1m==> %s\033[0m\n'
WORKERS ?= auto
PG15 ?= /usr/lib/postgresql/15/bin

# What a town would set, so that `check --deploy` judges that and not the demo.
PRODUCTION := GRIDLOOP_HTTPS=1 GRIDLOOP_HOSTS=town.example GRIDLOOP_ORIGINS=https://town.example
DJANGO := GRIDLOOP_DATA=.cache/check DJANGO_SETTINGS_MODULE=gridloop.config.settings $(BIN)/python -W ignore::RuntimeWarning -m django

.PHONY: help
help:
	@echo '一网共治 · 常用命令'
	@echo '  make demo   生成演示镇并启动（自动完成全部安装）；PORT=9000 换端口'
	@echo '  make test   运行全部测试（自动完成全部安装）'
	@echo '  make check  代码检查：格式、类型、模板、依赖层次、迁移、部署、文档、脚本、译文'
	@echo '  make fix    自动整理代码，重新生成文档'
	@echo '  make translations  收集界面文字，更新英文译文'
	@echo '  make bench  性能测试；另有 bench-burst 突发压力、bench-faults 故障演练、bench-live 实时大屏、bench-soak 大屏连开'
	@echo '  make setup  只安装，不启动'

# Setting up ---------------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV)/.packages node_modules/.packages

$(VENV)/.made:
ifeq ($(PYTHON),)
	@echo '需要 Python 3.11 或更新版本。请先安装，或用 PYTHON=/路径/python make … 指定。' >&2; exit 1
endif
	$(SAY) '建立虚拟环境 $(VENV)（$(PYTHON)）'
	@$(PYTHON) -m venv $(VENV) \
		|| { echo '无法建立虚拟环境。Debian、Ubuntu 请先执行：apt install python3-venv' >&2; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/.packages: $(VENV)/.made requirements-dev.lock pyproject.toml
	$(SAY) '安装 Python 软件包（版本与校验值见 requirements-dev.lock）'
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# After the Python packages: where no Node is installed, Node comes from PyPI as well.
node_modules/.packages: package-lock.json .npmrc | $(VENV)/.packages
	@command -v npm >/dev/null || { printf '==> 没有 Node.js，安装 PyPI 上的一份\n'; \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock; }
	$(SAY) '安装网页所需的 npm 软件包'
	@$(NODE) npm ci --silent --no-progress
	@touch $@

# Running ------------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup
	$(SAY) '生成演示镇并启动'
	@$(BIN)/gridloop demo $(if $(PORT),--port $(PORT))

.PHONY: test
test: setup
	$(SAY) '运行测试（自带的 PostgreSQL）'
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

# The oldest version that is supported, in a cluster that is gone afterwards.
.PHONY: test-postgres15
test-postgres15: setup
	$(SAY) '运行测试（PostgreSQL 15，DATABASE_URL）'
	@.ci/with-postgres $(PG15) $(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

.PHONY: bench
bench: setup
	$(SAY) '性能测试'
	@$(BIN)/python bench/locate.py
	@$(BIN)/python bench/audit.py
	@$(BIN)/python bench/assignment.py
	@$(BIN)/python -m bench $(ARGS)

# Each of these measures on the loopback against a million cases, ends by itself with one line, and fails where
# its target is missed; the cases are made the first time. ARGS="--cases 10000" for a quick look.
.PHONY: bench-burst bench-faults bench-live bench-soak
bench-burst: setup
	$(SAY) '突发压力：每件走完全流程'
	@$(BIN)/python -m bench.burst $(ARGS)

bench-faults: setup
	$(SAY) '故障演练：依次强制结束网站、后台任务和数据库'
	@$(BIN)/python -m bench.faults $(ARGS)

bench-live: setup
	$(SAY) '实时消息：200 块大屏同时在线'
	@$(BIN)/python -m bench.screens $(ARGS)

bench-soak: setup
	$(SAY) '指挥大屏连开：60 倍速，浏览器内存不得上涨'
	@$(BIN)/python -m bench.soak $(ARGS)

# English ------------------------------------------------------------------------------------------------------

PO := locale/en/LC_MESSAGES/django.po
COPY := .cache/messages
# The words of a folder go into its .po, without the date, which would change though the words do not.
gather = (cd $(1); GRIDLOOP_DATA=$(CURDIR)/.cache/check DJANGO_SETTINGS_MODULE=gridloop.config.settings \
	$(CURDIR)/$(BIN)/python -W ignore::RuntimeWarning -m django makemessages -v 0 --locale en \
	--no-wrap --no-location --no-obsolete; sed -i.old '/^"POT-Creation-Date/d; /^"Report-Msgid/d' $(PO); rm $(PO).old)

# Once to gather the new words, and again for the .mo when their English is written.
.PHONY: translations
translations: setup
	$(SAY) '收集界面文字，更新英文译文 gettext'
	@$(call gather,src/gridloop)
	@msgfmt --check-format --statistics -o src/gridloop/$(PO:.po=.mo) src/gridloop/$(PO)

# Checking: `make -k check` goes on after the first finding ----------------------------------------------------

CHECKS := check-style check-types check-templates check-layers check-migrations check-deploy check-docs check-scripts check-translations
.PHONY: check $(CHECKS)
check: $(CHECKS)

check-style: setup
	$(SAY) '代码格式 ruff'
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo '请运行 make fix。' >&2; exit 1; }

check-types: setup
	$(SAY) '类型 mypy'
	@$(BIN)/mypy --no-error-summary

check-templates: setup
	$(SAY) '模板 djlint'
	@$(BIN)/djlint --lint --quiet src

check-layers: setup
	$(SAY) '依赖层次 import-linter'
	@$(BIN)/lint-imports --no-logo

check-migrations: setup
	$(SAY) '数据库迁移'
	@$(DJANGO) makemigrations --check --dry-run

check-deploy: setup
	$(SAY) '部署检查'
	@$(PRODUCTION) $(DJANGO) check --deploy --fail-level WARNING

check-docs: setup
	$(SAY) '由程序生成的文档'
	@GRIDLOOP_DATA=.cache/check $(BIN)/python -m gridloop.config.docs --check

check-scripts: setup
	$(SAY) '网页脚本 tsc'
	@$(NODE) npm run --silent check

# The words are gathered afresh in a copy: each has its English, and no English is left over.
check-translations: setup
	$(SAY) '英文译文 gettext'
	@command -v xgettext >/dev/null || { echo '没有安装 gettext，跳过；make test 同样核对译文。'; exit; }; \
	rm -rf $(COPY); mkdir -p .cache; cp -R src/gridloop $(COPY); $(call gather,$(COPY)); \
	msgcmp src/gridloop/$(PO) $(COPY)/$(PO) && msgcmp $(COPY)/$(PO) src/gridloop/$(PO) \
		&& msgfmt --check-format -o /dev/null src/gridloop/$(PO) \
		|| { echo '请运行 make translations，并补写英文。' >&2; exit 1; }

.PHONY: fix
fix: setup
	$(SAY) '整理代码，重新生成文档'
	@$(BIN)/ruff check --quiet --fix --exit-zero
	@$(BIN)/ruff format --quiet
	@GRIDLOOP_DATA=.cache/check $(BIN)/python -m gridloop.config.docs

.PHONY: clean
clean:
	$(SAY) '删除安装的软件包和缓存（不动数据文件夹）'
	@rm -rf $(VENV) node_modules .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache src/*.egg-info
