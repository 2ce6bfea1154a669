# The referee of contingency.py and survival.py: R's own fisher.test, binom.test and survival, on the cases of one folder.
# fisher.test finds its odds ratio and limits to four digits only; the same equations are solved here to the last one.
suppressPackageStartupMessages(library(survival))
folder <- commandArgs(trailingOnly = TRUE)[1]
said <- function(...) cat(paste(c(...), collapse = " "), "\n", sep = "")
num <- function(x) ifelse(is.na(x) | is.infinite(x), "null", sprintf("%.17g", x))

conditional <- function(a, b, c, d) {
  m <- a + b; n <- c + d; k <- a + c
  support <- max(0, k - n):min(k, m)
  logdc <- dhyper(support, m, n, k, log = TRUE)
  density <- function(t) { e <- logdc + t * support; e <- exp(e - max(e)); e / sum(e) }
  solve <- function(f) exp(uniroot(f, c(-60, 60), tol = 1e-15, maxiter = 10000)$root)
  estimate <- if (a == min(support)) 0 else if (a == max(support)) Inf else
    solve(function(t) sum(density(t) * support) - a)
  low <- if (a == min(support)) 0 else solve(function(t) sum(density(t)[support >= a]) - 0.025)
  high <- if (a == max(support)) Inf else solve(function(t) sum(density(t)[support <= a]) - 0.025)
  c(estimate, low, high)
}

for (file in sort(list.files(folder, pattern = "^table", full.names = TRUE))) {
  t <- scan(file, quiet = TRUE)
  own <- fisher.test(matrix(t, 2, byrow = TRUE))
  exact <- conditional(t[1], t[2], t[3], t[4])
  if (is.finite(own$estimate) && own$estimate > 0) stopifnot(abs(log(own$estimate) - log(exact[1])) < 0.01)
  said(basename(file), num(c(own$p.value, exact, binom.test(t[1], t[1] + t[2])$conf.int, binom.test(t[3], t[3] + t[4])$conf.int)))
}
for (file in sort(list.files(folder, pattern = "^survival", full.names = TRUE))) {
  d <- read.csv(file, colClasses = c("numeric", "numeric", "character"))
  names <- sort(unique(d$group))
  for (name in names) {
    g <- d[d$group == name, ]
    fit <- survfit(Surv(time, event) ~ 1, g)
    said(basename(file), "median", name, num(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")]))
    for (i in seq_along(fit$time))
      said(basename(file), "step", name, num(c(fit$time[i], fit$n.risk[i], fit$n.event[i], fit$surv[i], fit$lower[i], fit$upper[i])))
  }
  test <- tryCatch(survdiff(Surv(time, event) ~ group, d), error = function(e) NULL)
  if (!is.null(test) && length(names) > 1 && sum(d$event) > 0)
    said(basename(file), "log-rank", num(c(test$chisq, pchisq(test$chisq, length(names) - 1, lower.tail = FALSE))))
  model <- suppressWarnings(coxph(Surv(time, event) ~ group, d, control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)))
  found <- summary(model)
  for (i in seq_len(length(names) - 1))
    said(basename(file), "hazard", names[i + 1], num(c(found$conf.int[i, c(1, 3, 4)], found$coefficients[i, 5])))
}
